/** Whole numbers from a linear congruential generator, as fractions in [0, 1): the same data in every system. */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

/** About normal: the sum of four uniform numbers, scaled to the deviation. */
export function normals(size: number, deviation: number, seed: number): Float32Array {
  const next = uniforms(seed)
  return Float32Array.from({ length: size }, () => (next() + next() + next() + next() - 2) * 1.7320508 * deviation)
}

/** Rows of labels, one 1 in each. */
export function oneHotRows(rows: number, classes: number, seed: number): Float32Array {
  const next = uniforms(seed)
  const labels = new Float32Array(rows * classes)
  for (let row = 0; row < rows; row++) labels[row * classes + Math.floor(next() * classes)] = 1
  return labels
}

export interface LayerData {
  readonly inputs: number
  readonly units: number
  readonly weights: Float32Array
  readonly bias: Float32Array
}

/** A classifier with relu between dense layers: a batch, its labels and the first weights. */
export interface ClassifierData {
  readonly batch: number
  readonly features: number
  readonly classes: number
  readonly x: Float32Array
  readonly y: Float32Array
  readonly layers: readonly LayerData[]
}

const classifiers = new Map<string, ClassifierData>()

/** Made once: a start is timed without the making of the data. */
export function classifierData(batch: number, widths: readonly number[]): ClassifierData {
  const key = [batch, ...widths].join()
  const known = classifiers.get(key)
  if (known) return known
  const [features, classes] = [widths[0]!, widths.at(-1)!]
  const layers = widths.slice(1).map((units, i) => {
    const inputs = widths[i]!
    return {
      inputs,
      units,
      weights: normals(inputs * units, Math.sqrt(2 / inputs), 10 + i),
      bias: new Float32Array(units),
    }
  })
  const [x, y] = [normals(batch * features, 1, 5), oneHotRows(batch, classes, 6)]
  const made = { batch, features, classes, x, y, layers }
  classifiers.set(key, made)
  return made
}

/** The net of two inputs, eight hidden units and one output, on one example. */
export function tinyData() {
  return {
    x: Float32Array.of(0.3, 0.7),
    y: Float32Array.of(1),
    hidden: { inputs: 2, units: 8, weights: normals(16, 1, 1), bias: new Float32Array(8) },
    output: { inputs: 8, units: 1, weights: normals(8, 1, 2), bias: new Float32Array(1) },
  }
}

/** The elementwise chain y = tanh(0.7x + 0.1) * sigmoid(1.3x) - 0.5x². */
export const CHAIN = { size: 1_000_000, scale: 0.7, shift: 0.1, gate: 1.3, curve: 0.5 } as const
export const chainData = (): Float32Array => normals(CHAIN.size, 1, 5)

export const matrixData = (n: number) => ({ a: normals(n * n, 1, 1), b: normals(n * n, 1, 2) })
