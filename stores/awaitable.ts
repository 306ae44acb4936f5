import type { Awaitable } from './store.js'

/** Calls `next` with a value: at once where the value is there, so that a store which answers at once costs no promise. */
export function whenReady<T, R> (value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(next) : next(value)
}

function isPromise<T> (value: Awaitable<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value
}
