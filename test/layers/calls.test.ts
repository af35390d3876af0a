import { compile, entry, GraphError, tensor, type Tensor } from 'gradloom'
import { input, layers, type Symbolic } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { expectFault } from '../fault'

// What TypeScript would refuse too is what these tests hand in.
type Call = (x: unknown, options?: unknown, ...more: unknown[]) => unknown
const symbols = (...shape: readonly number[]): Symbolic => input({ shape })
const truths = (...shape: readonly number[]): Symbolic => input({ shape, dtype: 'bool' })
const inside = (body: (x: Tensor) => unknown) => () =>
  compile(entry({ x: tensor([2, 3]) }, ({ x }) => ({ outputs: { y: body(x) as Tensor } })))

describe('what stands behind the inputs of a call', () => {
  const [a, b] = [symbols(4), symbols(4)]
  const [q, m] = [symbols(3, 4), truths(3)]
  const add = layers.add() as unknown as Call
  const dense = layers.dense({ units: 2 }) as unknown as Call
  const dropout = layers.dropout({ rate: 0.5 }) as unknown as Call
  const attention = layers.multiHeadAttention({ numHeads: 1, keyDim: 2 }) as unknown as Call
  const lstm = layers.lstm({ units: 2 }) as unknown as Call
  it.each<[string, () => unknown, readonly string[]]>([
    ['a second operand', () => add(a, b), ['Add', 'one list', 'layer([a, b])']],
    ['a second operand of one that takes one', () => dense(a, b), ['Dense', 'one list']],
    ['a list', () => add(a, [b]), ['one list']],
    ['a tensor of an entry', inside((x) => (layers.add() as unknown as Call)(x, x)), ['one list']],
    ['true', () => dropout(a, true), ['dropout', 'options']],
    ['nothing, said', () => dropout(a, null), ['dropout', 'options']],
    ['a word of Keras', () => attention([q, q], { use_causal_mask: true }), ['unknown option "use_causal_mask"', 'useCausalMask']],
    ['a misspelt word', () => lstm(q, { initialStates: [a] }), ['unknown option "initialStates"', 'initialState']],
    ['training in a word', () => dropout(a, { training: 'yes' }), ['training must be true or false', '"yes"']],
    ['a number for true', () => attention([q, q], { useCausalMask: 1 }), ['useCausalMask must be true or false', '1']],
    ['a mask that is text', () => lstm(q, { mask: 'x' }), ['mask must be bool', '"x"']],
    ['a mask that is true', () => lstm(q, { mask: true }), ['mask must be bool', 'true']],
    ['a mask of floats', () => lstm(q, { mask: q }), ['mask must be bool', 'float32']],
    ['more masks than inputs', () => lstm(q, { mask: [m, m] }), ['mask must be bool']],
    ['a mask of an entry', inside((x) => lstm(q, { mask: x })), ['mask', 'symbolic tensors']],
    ['a mask of a model', inside((x) => dense(x, { mask: truths(3) })), ['mask', 'tensors of an entry']],
    ['a state that is no list', () => lstm(q, { initialState: a }), ['initialState must be a list of tensors']],
    ['an attention mask that is a list', () => attention([q, q], { attentionMask: [m] }), ['attentionMask must be a tensor']],
  ])('is refused: %s', (_, call, parts) => expectFault(call, GraphError, ...parts)) // prettier-ignore

  it('is taken where it is what it should be', () => {
    expect(lstm(q, { mask: m })).toMatchObject({ shape: [null, 2] })
    expect(lstm(q, { mask: [m] })).toMatchObject({ shape: [null, 2] })
    expect(lstm(q, { mask: null, training: undefined })).toMatchObject({ shape: [null, 2] })
    expect(attention([q, q], { mask: [m, null], useCausalMask: true })).toMatchObject({ shape: [null, 3, 4] })
  })
})
