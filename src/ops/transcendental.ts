import { callF, infixF, numberF, powerF } from '../ir/formula'
import { call, type Fn, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { addT, divT, mulT, negT, squareOp, subT } from './arith'
import { elementwise, type ElementwiseSpec } from './elementwise'
import { expT, floats, like, sqrtT } from './unary'

export const squareT = (x: Tensor): Tensor => apply(squareOp, [x], {})
const onePlus = (x: Tensor): Tensor => addT(like(1, x), x)
const oneLess = (x: Tensor): Tensor => subT(like(1, x), x)

type Slope = (x: Tensor, y: Tensor) => Tensor
/** A function of the target's library; `slope` is its derivative from operand and result. */
function library<N extends string>(
  name: N,
  fn: Exclude<Fn, 'cast'>,
  slope: Slope,
  rest: Partial<ElementwiseSpec<Record<never, never>>> = {},
) {
  return elementwise<N>(name, {
    dtype: floats,
    fn: ([x]) => call(fn, x!),
    vjp: ({ inputs: [x], output, cotangent }) => [mulT(cotangent, slope(x!, output))],
    ...rest,
  })
}

/** exp(x) - 1, exact near 0. */
export const expm1Op = library('expm1', 'expm1', (x) => expT(x))
/** log(1 + x), exact near 0. */
export const log1pOp = library('log1p', 'log1p', (x) => divT(like(1, x), onePlus(x)))
export const log2Op = library('log2', 'log2', (x) => divT(like(Math.LOG2E, x), x))
export const log10Op = library('log10', 'log10', (x) => divT(like(Math.LOG10E, x), x))
/** 2 to the x. */
export const exp2Op = library('exp2', 'pow', (x, y) => mulT(like(Math.LN2, x), y), {
  fn: ([x]) => call('pow', literal(2, x!.dtype), x!),
  formula: ([x]) => powerF(numberF(2), x!),
})
export const sinOp = library('sin', 'sin', (x) => apply(cosOp, [x], {}))
export const cosOp = library('cos', 'cos', (x): Tensor => negT(apply(sinOp, [x], {})))
export const tanOp = library('tan', 'tan', (_, y) => onePlus(squareT(y)))
export const asinOp = library('asin', 'asin', (x) => divT(like(1, x), sqrtT(mulT(oneLess(x), onePlus(x)))))
export const acosOp = library('acos', 'acos', (x) => divT(like(-1, x), sqrtT(mulT(oneLess(x), onePlus(x)))))
export const atanOp = library('atan', 'atan', (x) => divT(like(1, x), onePlus(squareT(x))))
export const sinhOp = library('sinh', 'sinh', (x) => apply(coshOp, [x], {}))
export const coshOp = library('cosh', 'cosh', (x): Tensor => apply(sinhOp, [x], {}))
export const asinhOp = library('asinh', 'asinh', (x) => divT(like(1, x), sqrtT(onePlus(squareT(x)))))
export const acoshOp = library('acosh', 'acosh', (x) =>
  divT(like(1, x), mulT(sqrtT(subT(x, like(1, x))), sqrtT(onePlus(x)))),
)
export const atanhOp = library('atanh', 'atanh', (x) => divT(like(1, x), mulT(oneLess(x), onePlus(x))))
const bell = (x: Tensor, factor: number): Tensor =>
  mulT(like(factor * (2 / Math.sqrt(Math.PI)), x), expT(negT(squareT(x))))
export const erfOp = library('erf', 'erf', (x) => bell(x, 1))
/** 1 - erf(x), with all digits where that is small. */
export const erfcOp = library('erfc', 'erfc', (x) => bell(x, -1))
/** 1 / sqrt(x); the gradient -y³/2 reads the output. */
export const rsqrtOp = library('rsqrt', 'sqrt', (x, y) => mulT(like(-0.5, x), mulT(y, squareT(y))), {
  fn: ([x]) => call('div', literal(1, x!.dtype), call('sqrt', x!)),
  formula: ([x]) => infixF('/', numberF(1), callF('sqrt', [x!])),
})
/** 1 / x; the gradient -y² reads the output. */
export const reciprocalOp = library('reciprocal', 'div', (_, y) => negT(squareT(y)), {
  fn: ([x]) => call('div', literal(1, x!.dtype), x!),
  formula: ([x]) => infixF('/', numberF(1), x!),
})
/** The real cube root, by one step of Newton's method from a power; the gradient reads the output. */
export const cbrtOp = library('cbrt', 'pow', (_, y) => divT(like(1 / 3, y), squareT(y)), {
  fn: ([x]) => {
    const number = (value: number): Scalar => literal(value, x!.dtype)
    const size = call('abs', x!)
    const guess = call('pow', size, number(1 / 3))
    const excess = call('sub', guess, call('div', size, call('mul', guess, guess)))
    const root = call('sub', guess, call('mul', number(1 / 3), excess))
    const signed = call('select', call('lt', x!, number(0)), call('neg', root), root)
    // 0 and infinities are their own roots.
    const isOwn = call('or', call('eq', size, number(0)), call('eq', size, number(Infinity)))
    return call('select', isOwn, x!, signed)
  },
})
