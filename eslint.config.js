import js from '@eslint/js'
import tseslint from 'typescript-eslint'

// Browser globals that an undeclared name would silently become (the DOM types are here for WebAssembly).
const traps = ['close', 'event', 'find', 'length', 'name', 'open', 'origin', 'parent', 'print', 'status', 'stop', 'top']
const node = { console: 'readonly', process: 'readonly', performance: 'readonly', URL: 'readonly' }

export default tseslint.config(
  { ignores: ['**/dist/', '**/out/', '**/node_modules/', '**/coverage/', 'docs/api/'] },
  js.configs.recommended,
  tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-new-func': 'off',
      'no-implied-eval': 'off',
      'no-restricted-globals': ['error', ...traps],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
    },
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { prefer: 'type-imports', fixStyle: 'inline-type-imports' },
      ],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
    },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], languageOptions: { globals: node } },
)
