/** A chain of ops whose gradient makes some 300 boxes of it. */
export const CHAIN = `
import { add, compile, entry, grad, mean, mul, sigmoid, tanh, tensor, variable } from 'gradloom'
const w = variable('w', [16], 0.5)
export const chain = compile({
  step: entry({ x: tensor([8, 16]) }, ({ x }) => {
    let h = x
    for (let i = 0; i < 18; i++) h = add(tanh(mul(h, w)), sigmoid(h))
    const loss = mean(h)
    const [dw] = grad(loss, [w])
    return { outputs: { loss, dw } }
  }),
})
`

/** A network of 120 layers, each a scope, with more than 5,000 tensors when its gradient is written out. */
export const DEEP = `
import { add, adam, compile, entry, matmul, mean, mul, scope, square, tanh, tensor, variable } from 'gradloom'
const layers = Array.from({ length: 120 }, (_, i) => ({
  W: variable('W' + i, [8, 8], 0.1),
  b: variable('b' + i, [8], 0),
}))
export const deep = compile({
  train: entry({ x: tensor([4, 8]) }, ({ x }) => {
    let h = x
    layers.forEach(({ W, b }, i) => {
      h = scope('layer' + i, () => add(tanh(add(matmul(h, W), b)), mul(h, 0.5)))
    })
    const loss = mean(square(h))
    return { outputs: { loss }, updates: adam(loss, layers.flatMap(({ W, b }) => [W, b])) }
  }),
})
`

export const WRONG = `
import { compile, entry, matmul, tensor } from 'gradloom'

export const net = compile(
  entry({ x: tensor([2, 3]) }, ({ x }) => ({
    outputs: { y: matmul(x, x) },
  })),
)
`

export const ENDLESS = `
import { compile } from 'gradloom'
export const f = compile
for (;;) {
}
`
