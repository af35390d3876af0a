import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  add,
  compile,
  entry,
  glorotUniform,
  matmul,
  mean,
  named,
  relu,
  sgd,
  sparseSoftmaxCrossEntropy,
  tensor,
  variable,
  zeros,
} from 'gradloom'

/** A net whose lines are looked for by what stands on them. */
export function lined(options: { readonly fuse?: boolean } = {}) {
  const W1 = variable('W1', [8, 4], glorotUniform())
  const b1 = variable('b1', [4], zeros())
  return compile(
    {
      train: entry({ x: tensor(['B', 8]), y: tensor(['B'], 'int32') }, ({ x, y }) => {
        const z = matmul(x, W1)
        const h = named('h', relu(add(z, b1)))
        const loss = mean(sparseSoftmaxCrossEntropy(h, y))
        return { outputs: { loss }, updates: sgd(loss, [W1, b1]) }
      }),
      predict: entry({ x: tensor(['B', 8]) }, ({ x }) => ({ outputs: { p: add(matmul(x, W1), b1) } })),
    },
    options,
  )
}

export const text = readFileSync(fileURLToPath(import.meta.url), 'utf8')
/** The line, from 1, on which that stands. */
export const lineWith = (part: string): number => text.split('\n').findIndex((line) => line.includes(part)) + 1
