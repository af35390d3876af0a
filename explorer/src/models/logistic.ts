// Logistic regression twice: the gradient as a textbook derives it, and as Gradloom does. Compare the kernels of the entries:
// the compiler arrives at p - y by itself.
import { add, compile, div, entry, grad, matmul, mean, named, sigmoid, sigmoidCrossEntropy, sub, sum } from 'gradloom'
import { tensor, transpose, variable, zeros } from 'gradloom'

const w = variable('w', [20], zeros())
const b = variable('b', [], 0)
const inputs = { x: tensor(['B', 20]), y: tensor(['B']) }

export const gradients = compile({
  generated: entry(inputs, ({ x, y }) => {
    const score = named('score', add(matmul(x, w), b))
    const loss = mean(sigmoidCrossEntropy(score, y))
    const [dw, db] = grad(loss, [w, b])
    return { outputs: { dw, db } }
  }),
  byHand: entry(inputs, ({ x, y }) => {
    const p = named('p', sigmoid(add(matmul(x, w), b)))
    const residual = named('residual', div(sub(p, y), x.shape[0]))
    return { outputs: { dw: matmul(transpose(x), residual), db: sum(residual) } }
  }),
})
