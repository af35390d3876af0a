import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { build, type Inputs } from '../ops/cases'

type Operand = readonly [dtype: DType, values: readonly number[]]
/** An expression over x (and y) that a document prints; what it gives is found by running the text as it stands. */
export interface Example {
  readonly text: string
  readonly x?: Operand
  readonly y?: Operand
  /** The dtype and values it must give, or the start of an error's message. */
  readonly gives: Operand | string
}

/** The functions of the library by their names. */
function expression(text: string): (xs: Record<string, Tensor>) => Tensor {
  const names = Object.keys(loom)
  const make = new Function(...names, 'x', 'y', `return ${text}`) as (...values: unknown[]) => Tensor
  return ({ x, y }) => make(...names.map((name) => (loom as Record<string, unknown>)[name]), x, y)
}

const show = (v: number): string => (Object.is(v, -0) ? '-0' : String(v))
export const showOperand = (operand: Operand | undefined): string =>
  operand ? `${operand[0]} ${operand[1].map(show).join(', ')}` : ''

/** `int32 1, -1, 0`, or the first line of the error. */
export function ran({ text, x, y }: Example): string {
  const operands = Object.entries({ x, y }).flatMap(([name, operand]) => (operand ? [[name, operand] as const] : []))
  const inputs: Inputs = Object.fromEntries(
    operands.map(([name, [dtype, values]]) => [name, { shape: [values.length], dtype }]),
  )
  let dtype: DType = 'float32'
  try {
    const body = (xs: Record<string, loom.Tensor>) => {
      const made = expression(text)(xs)
      dtype = made.dtype
      return { outputs: { made } }
    }
    const { run } = build(inputs, body, { target: 'js' })
    const results = run(Object.fromEntries(operands.map(([name, [, values]]) => [name, values])))
    return showOperand([dtype, Array.from(results['made']!)])
  } catch (error) {
    if (!(error instanceof loom.GraphError)) throw error
    return `error: ${error.message.split('\n')[0]}`
  }
}

export const wanted = ({ gives }: Example): string => (typeof gives === 'string' ? gives : showOperand(gives))
export const exampleRow = (example: Example): string[] => [
  `\`${example.text}\``,
  showOperand(example.x),
  showOperand(example.y),
  ran(example),
]
