import neostandard from 'neostandard'

export default [
  ...neostandard({ ts: true, ignores: neostandard.resolveIgnoresFromGitignore() }),
  // A TypeBox schema and the type derived from it share a name; the compiler itself refuses real redeclarations.
  { rules: { '@typescript-eslint/no-redeclare': 'off' } }
]
