import { arrayNameOf, type DType } from '../ir/type'
import type { BitFn, Fn, RandomFn, VectorFn } from '../ir/functions'
import { atom, binary, callText, conditional, type Expression, number, PRECEDENCE, unary } from './expression'
import type { MathFunction } from './js-math'

/** Everything in which the C-like targets differ. */
export interface Dialect {
  /** Every scalar function by the dtype of its result; `from` is the dtype of the first operand. */
  readonly fn: Readonly<
    Record<
      Exclude<Fn, BitFn | VectorFn | RandomFn>,
      (args: readonly Expression[], dtype: DType, from: DType) => Expression
    >
  >
  constant(value: number, dtype: DType): Expression
  /** A stored element as a value: bools become conditions. */
  loaded(text: string, dtype: DType): Expression
  /** A value as it is stored. */
  stored(value: Expression, dtype: DType): Expression
  param(name: string, dtype: DType): string
  /** The place of a loop around a kernel, as a parameter. */
  place(name: string): string
}

export interface JsOptions {
  /** Float32 mathematics by the approximations of the fast schedule. */
  readonly approximate: boolean
  /** Type annotations. */
  readonly types: boolean
  /** Called with every helper function that the text needs. */
  readonly uses: (name: MathFunction) => void
}

const int = (e: Expression): Expression => binary('|', PRECEDENCE.bitwise, e, number(0))
const wrap = (e: Expression, dtype: DType): Expression =>
  dtype === 'int32' ? int(e) : dtype === 'uint8' ? binary('&', PRECEDENCE.bitwise, e, number(255)) : e
const infix =
  (operator: string, precedence: number) =>
  ([a, b]: readonly Expression[]): Expression =>
    binary(operator, precedence, a!, b!)
const arithmetic =
  (operator: string, precedence: number) =>
  ([a, b]: readonly Expression[], dtype: DType): Expression =>
    wrap(binary(operator, precedence, a!, b!), dtype)
/** A number is compared to, not compared. */
const compare =
  (operator: string, mirrored: string) =>
  ([a, b]: readonly Expression[]): Expression =>
    Number.isNaN(Number(a!.text))
      ? infix(operator, PRECEDENCE.compare)([a!, b!])
      : infix(mirrored, PRECEDENCE.compare)([b!, a!])
const both = infix('&&', PRECEDENCE.and)
const either = infix('||', PRECEDENCE.or)
type Print = Dialect['fn']['add']
/** A function of the host's library. */
const math =
  (name: string): Print =>
  (args) =>
    callText(`Math.${name}`, ...args)
/** Bools stay conditions: a number would not equal one. */
const unlessBool =
  (bool: Print, other: Print): Print =>
  (args, dtype, from) =>
    (dtype === 'bool' ? bool : other)(args, dtype, from)

/** JavaScript computes in float64 and rounds on the store; integers wrap as int32. */
export function jsDialect({ approximate, types, uses }: JsOptions): Dialect {
  const helper = (name: MathFunction, x: Expression): Expression => {
    uses(name)
    return callText(name, x)
  }
  const isFast = (dtype: DType): boolean => approximate && dtype === 'float32'
  return {
    fn: {
      add: unlessBool(either, arithmetic('+', PRECEDENCE.add)),
      sub: unlessBool(infix('!==', PRECEDENCE.equal), arithmetic('-', PRECEDENCE.add)),
      mul: unlessBool(both, ([a, b], dtype) =>
        dtype === 'int32' ? callText('Math.imul', a!, b!) : wrap(binary('*', PRECEDENCE.multiply, a!, b!), dtype),
      ),
      div: infix('/', PRECEDENCE.multiply),
      neg: unlessBool(
        ([a]) => a!,
        ([a], dtype) => wrap(unary('-', a!), dtype),
      ),
      max: unlessBool(either, (args) => callText('Math.max', ...args)),
      min: unlessBool(both, (args) => callText('Math.min', ...args)),
      abs: math('abs'),
      sqrt: math('sqrt'),
      exp: ([x], dtype) => (isFast(dtype) ? helper('exp32', x!) : callText('Math.exp', x!)),
      log: math('log'),
      pow: math('pow'),
      tanh: ([x], dtype) => (isFast(dtype) ? helper('tanh32', x!) : callText('Math.tanh', x!)),
      sigmoid: ([x], dtype) => helper(isFast(dtype) ? 'sigmoid32' : 'sigmoid', x!),
      expm1: math('expm1'),
      log1p: math('log1p'),
      log2: math('log2'),
      log10: math('log10'),
      sin: math('sin'),
      cos: math('cos'),
      tan: math('tan'),
      asin: math('asin'),
      acos: math('acos'),
      atan: math('atan'),
      atan2: math('atan2'),
      sinh: math('sinh'),
      cosh: math('cosh'),
      asinh: math('asinh'),
      acosh: math('acosh'),
      atanh: math('atanh'),
      erf: ([x]) => helper('erf', x!),
      erfc: ([x]) => helper('erfc', x!),
      hypot: math('hypot'),
      floor: math('floor'),
      ceil: math('ceil'),
      trunc: math('trunc'),
      nearest: ([x]) => helper('nearest', x!),
      rem: arithmetic('%', PRECEDENCE.multiply),
      bitAnd: infix('&', PRECEDENCE.bitwiseAnd),
      bitOr: infix('|', PRECEDENCE.bitwise),
      bitXor: infix('^', PRECEDENCE.bitwiseXor),
      shiftLeft: arithmetic('<<', PRECEDENCE.shift),
      shiftRight: infix('>>', PRECEDENCE.shift),
      rotateLeft: ([x, n]) => {
        const back = Number.isNaN(Number(n!.text))
          ? binary('-', PRECEDENCE.add, number(32), n!)
          : number(32 - Number(n!.text))
        const up = binary('<<', PRECEDENCE.shift, x!, n!)
        return binary('|', PRECEDENCE.bitwise, up, binary('>>>', PRECEDENCE.shift, x!, back))
      },
      lt: compare('<', '>'),
      le: compare('<=', '>='),
      eq: infix('===', PRECEDENCE.equal),
      ne: infix('!==', PRECEDENCE.equal),
      and: both,
      or: either,
      not: ([a]) => unary('!', a!),
      select: ([c, a, b]) => conditional(c!, a!, b!),
      cast: ([x], dtype, from) => castText(x!, dtype, from),
      round: ([x]) => callText('Math.fround', x!),
    },
    constant: (value, dtype) => (dtype === 'bool' ? atom(value !== 0 ? 'true' : 'false') : number(value)),
    loaded: (text, dtype) => (dtype === 'bool' ? binary('!==', PRECEDENCE.equal, atom(text), number(0)) : atom(text)),
    stored: (value, dtype) => (dtype === 'bool' ? conditional(value, number(1), number(0)) : value),
    param: (name, dtype) => (types ? `${name}: ${arrayNameOf(dtype)}` : name),
    place: (name) => (types ? `${name}: number` : name),
  }
}

function castText(x: Expression, dtype: DType, from: DType): Expression {
  if (dtype === 'bool') return binary('!==', PRECEDENCE.equal, x, number(0))
  const value = from === 'bool' ? conditional(x, number(1), number(0)) : x
  if (dtype === 'float32') return from === 'float64' || from === 'int32' ? callText('Math.fround', value) : value
  if (dtype === 'float64' || from === 'bool' || from === 'uint8') return value
  return wrap(value, dtype)
}
