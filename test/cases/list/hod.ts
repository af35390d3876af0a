import { entry, exp, grad, sigmoid, sum, tanh, tensor, type Tensor } from 'gradloom'
import { type Case, numeric } from '../case'
import type { Float } from '../expect'

type Vector = Tensor<[2], Float>

const second = (f: (x: Vector) => Vector, x: Vector): Vector => {
  const [first] = grad(sum(f(x)), [x])
  const [again] = grad(sum(first), [x])
  return again
}

export const cases: readonly Case[] = [
  numeric('HOD-1', {
    build: (dtype) =>
      entry({ x: tensor([2], dtype) }, ({ x }) => ({
        outputs: { tanh: second(tanh, x), sigmoid: second(sigmoid, x), exp: second(exp, x) },
      })),
    feeds: { x: [2, 3] },
    expected: {
      tanh: [-0.13621868742711296, -0.019634494363042477],
      sigmoid: [-0.07996250105615312, -0.04089157466094337],
      exp: [7.38905609893065, 20.085536923187668],
    },
  }),
]
