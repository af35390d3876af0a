import { describe, expect, it } from 'vitest'
import { entriesOf } from '../../explorer/src/worker/entries'
import { evaluateText } from '../../explorer/src/worker/evaluate'
import { faultOf, placeInStack } from '../../explorer/src/worker/fault'

/** What the page says of a model that is wrong. */
async function faultIn(lines: readonly string[]) {
  try {
    entriesOf(await evaluateText(lines.join('\n')))
  } catch (error) {
    return faultOf(error)
  }
  throw new Error('the model is not wrong')
}

const START = [
  "import { compile, entry, matmul, tensor, type Tensor } from 'gradloom'",
  '',
  'type Pair = [Tensor, Tensor]',
]

describe('a fault of a model stands at its line', () => {
  it.each<[what: string, line: number, says: RegExp, lines: readonly string[]]>([
    [
      'shapes that do not fit',
      5,
      /^GraphError: matmul: .*\n {2}operand 1: [^]*\n {2}at model\.ts:5$/,
      [
        ...START,
        'const wrong = ({ x }: { x: Tensor }): Tensor =>',
        '  matmul(x, x)',
        'export const net = compile(entry({ x: tensor([2, 3]) }, (i) => ({ outputs: { y: wrong(i) } })))',
      ],
    ],
    ['a type that is used wrongly', 4, /^TypeError: /, [...START, '(undefined as unknown as Pair)[0].shape']],
    ['behind an await', 4, /^Error: late$/, [...START, "await 1, (() => { throw new Error('late') })()"]],
    ['what is thrown by the model', 4, /^Error: mine$/, [...START, "throw new Error('mine')"]],
    ['what is no TypeScript', 5, /^SyntaxError: Unexpected token/, [...START, 'const a = {', '  b: = 1', '}']],
    ['on its first line', 1, /^ReferenceError: nothing is not defined$/, ['nothing()']],
    [
      'a module that there is not',
      2,
      /"lodash" cannot be imported.* gradloom\/nn/,
      ['', "import { a } from 'lodash'", 'a()'],
    ],
    [
      'a name that a module lacks',
      3,
      /gradloom has no "matmull"; did you mean matmul\?/,
      ["import { matmull } from 'gradloom'", '', 'matmull()'],
    ],
  ])('%s', async (_, line, says, lines) => {
    const fault = await faultIn(lines)
    expect(fault.message).toMatch(says)
    expect(fault.line).toBe(line)
  })

  it('and not at a line of the library, whatever the engine', () => {
    const v8 =
      'Error: x\n    at f (http://h/assets/worker-1.js:1:99)\n    at Object.g (model.ts:7:3)\n    at model.ts:9:1'
    const others = 'f@http://h/assets/worker-1.js:1:99\ng@model.ts:7:3\n@model.ts:9:1'
    const bundled = 'Error: x\n    at f (http://h/a/assets/worker.js:1:9)\n    at run (http://h/a/models/mlp.js:7:3)'
    for (const stack of [v8, others, bundled]) expect(placeInStack(stack)).toEqual({ line: 7, column: 3 })
    expect(placeInStack('Error: x\n    at http://h/assets/worker-1.js:1:99')).toEqual({})
  })

  it('where something else than an error was thrown, too', () => {
    expect(faultOf('a word')).toEqual({ message: 'the model threw a word' })
  })
})
