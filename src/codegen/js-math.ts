/** Helper functions that kernels call by name; a module contains those it uses. */
export type MathFunction = 'exp32' | 'tanh32' | 'sigmoid32' | 'sigmoid'

interface Helper {
  readonly needs: readonly MathFunction[]
  text(n: string, numbers: string): string
}

// `n` is ': number' and `numbers` ': Float64Array' where types are written, else empty.
const HELPERS: Readonly<Record<MathFunction, Helper>> = {
  exp32: {
    needs: [],
    text: (
      n,
      numbers,
    ) => `// exp(x) for float32 results: 2^(k/16) from tables, the rest by a polynomial of degree 5; relative error 2e-13
const POW2${numbers} = Float64Array.from({ length: 2099 }, (_, k) => 2 ** (k - 1075))
const POW2_16${numbers} = Float64Array.from({ length: 16 }, (_, k) => 2 ** (k / 16))
function exp32(x${n})${n} {
  if (!(x < 709)) return x !== x ? x : Infinity
  if (x < -745) return 0
  const n = x * 23.083120654223414 + 6755399441055744 - 6755399441055744
  const r = x - n * 0.04332169878499658
  const k = n | 0
  const p = 1 + r * (1 + r * (0.5 + r * (0.16666666666666666 + r * (0.041666666666666664 + r * 0.008333333333333333))))
  return p * POW2_16[k & 15] * POW2[(k >> 4) + 1075]
}`,
  },
  tanh32: {
    needs: ['exp32'],
    text: (n) => `// tanh(x) for float32 results: 1 - 2 / (exp(2x) + 1), near 0 its series
function tanh32(x${n})${n} {
  if (x < 0.001 && x > -0.001) return x - x * x * x * 0.3333333333333333
  return 1 - 2 / (exp32(2 * x) + 1)
}`,
  },
  sigmoid32: {
    needs: ['exp32'],
    text: (n) => `// 1 / (1 + exp(-x)) for float32 results: float64 inside keeps both tails
function sigmoid32(x${n})${n} {
  return 1 / (1 + exp32(-x))
}`,
  },
  sigmoid: {
    needs: [],
    text: (n) => `// 1 / (1 + exp(-x)), mirrored for negative x so that neither tail loses digits
function sigmoid(x${n})${n} {
  if (x >= 0) return 1 / (1 + Math.exp(-x))
  const e = Math.exp(x)
  return e / (1 + e)
}`,
  },
}

/** The text of the helpers in use, what they need included. */
export function helperText(used: Iterable<MathFunction>, options: { readonly types: boolean }): string {
  const all = new Set<MathFunction>()
  const visit = (name: MathFunction): void => {
    HELPERS[name].needs.forEach(visit)
    all.add(name)
  }
  for (const name of used) visit(name)
  const [n, numbers] = options.types ? [': number', ': Float64Array'] : ['', '']
  return [...all].map((name) => HELPERS[name].text(n, numbers)).join('\n\n')
}

export const HELPER_NAMES: readonly string[] = [...Object.keys(HELPERS), 'POW2', 'POW2_16']
