import { expect, it } from 'vitest'
import { DTYPE_EXAMPLES, dtypesDocument, promotions } from './dtypes'
import { ran, wanted } from './examples'
import { kept } from './text'

it('docs/dtypes.md is what the code does', async () => {
  const { found, wanted: text } = await kept('dtypes.md', dtypesDocument())
  expect(found, 'run: npm run docs').toBe(text)
})

it('the promotion table is what ops do', () => {
  for (const { a, b, printed, built } of promotions.flat())
    expect(built, `${a} and ${b}`).toBe(printed.startsWith('error') ? 'error' : printed)
})

it.each(DTYPE_EXAMPLES.map((example) => ({ label: `${example.text} of ${example.x?.[0] ?? 'nothing'}`, example })))(
  '$label',
  ({ example }) => expect(ran(example)).toBe(wanted(example)),
)
