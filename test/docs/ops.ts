import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import type { AnyOp } from '../../src/ir/op'
import { DTYPES, isFloat } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { CASES, type OpCase } from '../ops/cases'
import { COMPOSED } from './composed'
import { elsewhere, missing } from './op-names'
import { OP_TEXT } from './ops-text'
import { code, MADE, table } from './text'
import { TIES } from './ties'

export const OP_NAMES = Object.keys(OP_TEXT) as OpName[]
type Build = (dtype: DType) => Tensor
type Gives = ReadonlyMap<DType, string>

/** What a build gives for each dtype that it takes. */
function tried(build: Build): Gives {
  const gives = new Map<DType, string>()
  for (const dtype of DTYPES) {
    try {
      const y = build(dtype)
      gives.set(dtype, y.attrs && typeof y.attrs === 'object' && 'dtype' in y.attrs ? 'as asked' : y.dtype)
    } catch (error) {
      if (!(error instanceof loom.GraphError)) throw error
    }
  }
  return gives
}

const listed = (dtypes: readonly DType[]): string => {
  if (dtypes.length === DTYPES.length) return 'any'
  const floats = dtypes.filter(isFloat)
  const rest = dtypes.filter((d) => floats.length < 2 || !isFloat(d))
  return [...(floats.length === 2 ? ['floats'] : []), ...rest].join(', ')
}

/** `floats -> same; int32, uint8 -> float32`. */
function compressed(gives: Gives): string {
  const results = new Set(gives.values())
  if (gives.size > 1 && results.size === 1) return `${listed([...gives.keys()])} -> ${[...results][0]}`
  const groups = new Map<string, DType[]>()
  for (const [dtype, result] of gives) {
    const group = result === dtype ? 'same' : result
    groups.set(group, [...(groups.get(group) ?? []), dtype])
  }
  return [...groups].map(([group, dtypes]) => `${listed(dtypes)} -> ${group}`).join('; ')
}

const x = (dtype: DType): Tensor => makeInput('x', { shape: [1], dtype })
const LEAVES: Readonly<Partial<Record<OpName, Build>>> = {
  input: x,
  variable: (dtype) => loom.variable('w', [1], 1, { dtype }),
  constant: (dtype) => loom.constant(1, { dtype }),
}
/** Where the first case has a dtype of its own: a cast to the operand's dtype is none, and exp needs a float. */
const OTHERS: Readonly<Partial<Record<OpName, Build>>> = {
  cast: (dtype) => loom.cast(x(dtype), dtype === 'bool' ? 'int32' : 'bool'),
  customGradient: (dtype) =>
    loom.customGradient(
      [x(dtype)],
      (v) => v,
      ({ cotangent }) => [cotangent],
    ),
}

/** The dtypes of operands that change together, those declared alike in the op's first case; the others stay as declared. */
function dtypesOf(name: OpName): string {
  const leaf = LEAVES[name]
  if (leaf) return `${listed([...tried(leaf).keys()])}, as declared`
  const other = OTHERS[name]
  if (other) return compressed(tried(other))
  const test: OpCase | undefined = CASES[name].find(({ inputs }) => inputs.length > 0)
  if (!test) return `gives ${CASES[name][0]!.build().dtype}`
  if (!test) return `-> ${CASES[name][0]!.build().dtype}`
  const kinds = [...new Set(test.inputs.map((x) => x.dtype))]
  const texts = kinds.map((kind) => {
    const gives = tried((dtype) =>
      test.build(
        ...test.inputs.map((x, i) => {
          const own = x.dtype === kind ? dtype : x.dtype === 'float' ? 'float32' : x.dtype
          return makeInput(`x${i}`, { shape: x.shape, dtype: own })
        }),
      ),
    )
    return { kind, gives }
  })
  const main = texts.find(({ kind }) => kind === 'float') ?? texts[0]!
  const others = texts
    .filter((x) => x !== main)
    .map(({ kind, gives }) => {
      const at = test.inputs.flatMap((x, i) => (x.dtype === kind ? [i + 1] : []))
      return `; operand ${at.join(', ')}: ${listed([...gives.keys()])}`
    })
  return compressed(main.gives) + others.join('')
}

/** Steps: what takes floats and gives floats without a gradient is flat between its jumps. */
function gradientOf(name: OpName): string {
  const op: AnyOp = OPS[name]
  if (op.kind === 'leaf') return 'ends here'
  if (op.vjp === 'expand') return 'through its expansion'
  if (op.vjp !== null) return 'yes'
  if (name === 'stopGradient') return 'no'
  return /(floats|any)[^;]* -> (same|float)/.test(dtypesOf(name)) ? 'no: 0 wherever it exists' : 'no'
}
const tieOf = (name: OpName): string => (TIES[name] ?? []).map((tie) => tie.rule).join('; ')

export function opsDocument(): string[] {
  const headings = [...new Set(OP_NAMES.map((name) => OP_TEXT[name].heading))]
  const sections = headings.flatMap((heading) => {
    const names = OP_NAMES.filter((name) => OP_TEXT[name].heading === heading)
    const rows = names.map((name) => {
      const { shapes, note } = OP_TEXT[name]
      return [code(name), shapes, dtypesOf(name), gradientOf(name), tieOf(name), note]
    })
    return [
      `### ${heading}`,
      table(['op', 'shapes', 'dtypes', 'gradient', 'at ties and kinks', 'formula or note'], rows),
    ]
  })
  const composed = Object.entries(COMPOSED).flatMap(([name, text]) => (text === null ? [] : [[code(name), text]]))
  const tied = OP_NAMES.flatMap((name) => (TIES[name] ?? []).map((tie) => [code(name), tie.rule]))
  return [
    '# Ops',
    `${OP_NAMES.length} ops, and ${composed.length} functions made of them. ${MADE}`,
    'Shapes: `broadcast` is that of NumPy, aligned from the right; `same` is the shape of the operand. Dtypes: of operands, ' +
      'and what they give; operands of several dtypes are promoted first, see [dtypes](dtypes.md). `through its expansion` ' +
      'is a gradient made of those of other ops. All gradients can be differentiated again.',
    '## Table',
    ...sections,
    '## Functions made of other ops',
    table(['function', 'made of'], composed),
    '## Names elsewhere',
    'What Keras calls otherwise; its other names are these in snake case. Where one of its functions does several things, ' +
      'the second column says which is meant.',
    table(['Keras', 'of these', 'here'], elsewhere()),
    '## Not here',
    'What Keras and one of TensorFlow.js, jax-js and PyTorch have, and why it is missing.',
    table(['Keras', 'reason'], missing()),
    '## Ties and kinks',
    'The gradient that is given where there is more than one, none, or an infinite one; each row is tested.',
    table(['op', 'rule'], tied),
  ]
}
