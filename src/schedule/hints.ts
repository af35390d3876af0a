import type { FlatKernel } from './flat'
import type { Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import type { Scalar } from '../ir/scalar'

/** Wishes for the names of locals, by the scalar they hold. */
export type Hints = ReadonlyMap<Scalar, string>

/** Longest wish: printing may add a number, and several of them fit on a line. */
export const MAX_HINT = 16

/** A tensor's name inside a kernel: without its path, but still a gradient where it is one. */
export function localName(name: string): string {
  const [, gradient, rest] = /^((?:d_)*)([^]*)$/.exec(name)!
  return `${gradient}${rest!.split('/').at(-1)!}`.slice(0, MAX_HINT)
}

const SHORT: Readonly<Record<DType, string>> = {
  float32: 'f32',
  float64: 'f64',
  int32: 'i32',
  uint8: 'u8',
  bool: 'flag',
}

/** A name for what has none: the element with the axes it moves along, `t` for anything else. */
export function hintOf(s: Scalar): string {
  if (s.kind === 'call' && (s.fn === 'cast' || s.fn === 'round') && s.args[0]?.kind === 'element') {
    const { from } = s.args[0]
    return s.fn === 'cast' && from.buffer.shape.length === 0
      ? `${localName(from.buffer.name)}_${SHORT[s.dtype]}`
      : hintOf(s.args[0])
  }
  if (s.kind !== 'element') return 't'
  const axes = [...s.at.index.terms.keys()].map((a) => a.name).join('')
  const name = localName(s.from.buffer.name)
  return s.from.buffer.shape.length === 0 ? `${name}Now` : `${name}_${axes || (s.at.pointer ? 'k' : '0')}`
}

/**
 * Wishes for every tensor that people know by name or that is stored. A stored one takes its axes along, since the buffer
 * has the bare name; the next value of a variable is `new_`.
 */
export function hintsFor(
  { axes, values, stores }: FlatKernel,
  nameOf: (t: Tensor) => string,
  isNamed: (t: Tensor) => boolean,
): Hints {
  const stored = new Map(stores.map((s) => [s.tensor, s.to.buffer]))
  const point = axes.map((a) => a.name).join('') || 'now'
  const hints = new Map<Scalar, string>()
  for (const { tensor, value } of values) {
    const buffer = stored.get(tensor)
    if (buffer?.region === 'state') hints.set(value, `new_${localName(buffer.name)}`)
    else if (buffer) hints.set(value, `${localName(buffer.name)}_${point}`)
    else if (isNamed(tensor)) hints.set(value, localName(nameOf(tensor)))
  }
  return hints
}
