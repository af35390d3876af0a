import { call, int, isRandomBlock, type Scalar, walk } from '../ir/scalar'
import { PARITY, ROTATIONS } from '../ir/threefry'
import { type FlatKernel, mapKernel, rootsOf } from './flat'

/** Blocks of Threefry as integer arithmetic, which every target has; both words of a block share it. */
export function writeOutRandom(kernel: FlatKernel): FlatKernel {
  if (!walk(rootsOf(kernel)).some(isRandomBlock)) return kernel
  const known: { readonly operands: readonly Scalar[]; readonly words: readonly [Scalar, Scalar] }[] = []
  const block = (operands: readonly Scalar[]): readonly [Scalar, Scalar] => {
    const before = known.find((b) => b.operands.every((x, i) => x === operands[i]))
    if (before) return before.words
    const words = threefry(operands)
    known.push({ operands, words })
    return words
  }
  return mapKernel(kernel, (s) => {
    if (s.kind !== 'call') return undefined
    return s.fn === 'threefry0' ? block(s.args)[0] : s.fn === 'threefry1' ? block(s.args)[1] : undefined
  })
}

const plus = (a: Scalar, b: Scalar): Scalar => (isZero(a) ? b : isZero(b) ? a : call('add', a, b))
const isZero = (s: Scalar): boolean => s.kind === 'const' && s.value === 0
const BY = ROTATIONS.map(int)

/** 20 rounds of `threefry2x32`; keys are added to what a loop does not change before it meets what it does. */
function threefry([key0, key1, counter0, counter1]: readonly Scalar[]): readonly [Scalar, Scalar] {
  const keys = [key0!, key1!, call('bitXor', call('bitXor', key0!, key1!), int(PARITY))]
  let x0 = plus(counter0!, key0!)
  let x1 = plus(counter1!, key1!)
  for (let round = 0; round < 20; round++) {
    x0 = call('add', x0, x1)
    x1 = call('bitXor', call('rotateLeft', x1, BY[round % 8]!), x0)
    if (round % 4 !== 3) continue
    const turn = (round + 1) / 4
    x0 = call('add', x0, keys[turn % 3]!)
    x1 = call('add', x1, call('add', keys[(turn + 1) % 3]!, int(turn)))
  }
  return [x0, x1]
}
