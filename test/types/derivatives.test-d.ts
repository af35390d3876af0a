import {
  add,
  flatView,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  lbfgs,
  matmul,
  meanSquaredError,
  perExampleGrad,
  rowGrad,
  sum,
  tanh,
  type Tensor,
  variable,
  vmap,
} from 'gradloom'
import { describe, expectTypeOf, it } from 'vitest'

declare const x: Tensor<[4, 3], 'float64'>
declare const y: Tensor<[4, 1], 'float64'>
const W = variable('W', [3, 1], 0, { dtype: 'float64' })
const b = variable('b', [1], 0, { dtype: 'float64' })

describe('types of derivatives', () => {
  it('products have the types of what they stand for', () => {
    const [dy] = jvp([tanh(x)], [x], [x])
    expectTypeOf(dy).toEqualTypeOf<Tensor<[4, 3], 'float64'>>()
    const [h] = hvp(sum(x), [x], [x])
    expectTypeOf(h).toEqualTypeOf<Tensor<[4, 3], 'float64'>>()
    expectTypeOf(rowGrad(y, x)).toEqualTypeOf<Tensor<[4, 3], 'float64'>>()
  })

  it('matrices join shapes; a list gives a list', () => {
    expectTypeOf(jacobian(x, W)).toEqualTypeOf<Tensor<[4, 3, 3, 1], 'float64'>>()
    const [dW, db] = jacobian(y, [W, b])
    expectTypeOf(dW).toEqualTypeOf<Tensor<[4, 1, 3, 1], 'float64'>>()
    expectTypeOf(db).toEqualTypeOf<Tensor<[4, 1, 1], 'float64'>>()
    expectTypeOf(hessian(sum(x), x)).toEqualTypeOf<Tensor<[4, 3, 4, 3], 'float64'>>()
    const blocks = hessian(sum(x), [W, b])
    expectTypeOf(blocks[0][1]).toEqualTypeOf<Tensor<[3, 1, 1], 'float64'>>()
  })

  it('slices lose the first axis and results get it back', () => {
    const z = vmap((a, c) => {
      expectTypeOf(a).toEqualTypeOf<Tensor<[3], 'float64'>>()
      return add(matmul(a, W), c)
    }, x, y) // prettier-ignore
    expectTypeOf(z).toEqualTypeOf<Tensor<readonly [number, 1], 'float64'>>()
    const { s } = vmap((a) => ({ s: sum(a) }), x)
    expectTypeOf(s).toEqualTypeOf<Tensor<readonly [number], 'float64'>>()
    const [g] = perExampleGrad((a, c) => meanSquaredError(add(matmul(a, W), b), c), [W], [x, y])
    expectTypeOf(g).toEqualTypeOf<Tensor<[number, 3, 1], 'float64'>>()
  })

  it('flat views keep shapes and dtypes', () => {
    const { vector, unflatten } = flatView(grad(sum(matmul(x, W)), [W]))
    expectTypeOf(vector).toEqualTypeOf<Tensor<[number], 'float64'>>()
    expectTypeOf(unflatten(vector)[0]).toEqualTypeOf<Tensor<[3, 1], 'float64'>>()
  })

  it('what is minimised gives a loss and a gradient', () => {
    // @ts-expect-error no gradient
    lbfgs(() => ({ loss: 1 }), {}, { variables: [W], feeds: {} })
  })
})
