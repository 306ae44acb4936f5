/** Gives each of several users of something the means to close it: it is closed when all of them have, however often one does. */
export function shareOut<User extends object> (users: readonly User[], close: () => Promise<void>): (User & { close: () => Promise<void> })[] {
  const open = new Set(users)
  return users.map((user) => ({
    ...user,
    async close () {
      if (open.delete(user) && open.size === 0) await close()
    }
  }))
}
