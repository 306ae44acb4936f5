import neostandard, { plugins } from 'neostandard'

/** Tests, the torture and the typed client look at answers, which may be anything. */
const TYPE_CHECKED = { files: ['**/*.ts'], ignores: ['test/**', 'torture/**', '.ci/**'] }

export default [
  ...neostandard({ ts: true, ignores: neostandard.resolveIgnoresFromGitignore() }),
  // A TypeBox schema and the type derived from it share a name; the compiler itself refuses real redeclarations.
  { rules: { '@typescript-eslint/no-redeclare': 'off' } },
  // Finds the `any` that comes in through a library's type, and the promise that nobody waits for.
  ...plugins['typescript-eslint'].configs.recommendedTypeCheckedOnly.map((config) => ({ ...config, ...TYPE_CHECKED })),
  {
    ...TYPE_CHECKED,
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // A plugin of Fastify that waits for nothing is an async function all the same.
      '@typescript-eslint/require-await': 'off',
      // An error that was caught may be passed on, whatever it is.
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Marks a promise that nobody waits for.
      'no-void': ['error', { allowAsStatement: true }],
      // The methods here are closures, which need no `this`.
      '@typescript-eslint/unbound-method': 'off'
    }
  }
]
