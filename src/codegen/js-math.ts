import { ERF } from '../ir/special'

/** Helper functions that kernels call by name; a module contains those it uses. */
export type MathFunction =
  'exp32' | 'tanh32' | 'sigmoid32' | 'sigmoid' | 'nearest' | 'polynomial' | 'erfcTail' | 'erf' | 'erfc'

interface Helper {
  readonly needs: readonly MathFunction[]
  text(n: string, numbers: string): string
}

// `n` is ': number' and `numbers` ': Float64Array' where types are written, else empty.
const HELPERS: Readonly<Record<MathFunction, Helper>> = {
  exp32: {
    needs: [],
    // The square's factor is 1/2 plus what makes the largest error of degree 3 the least on |r| < ln 2 / 32.
    text: (
      n,
      numbers,
    ) => `// exp(x) for float32 results: 2^(n/16) from a table, the rest by a polynomial of degree 3; relative error 2e-9
const POW2_16${numbers} = Float64Array.from({ length: 4803 }, (_, n) => 2 ** ((n - 2401) / 16))
function exp32(x${n})${n} {
  if (Math.abs(x) > 104) return x < 0 ? 0 : Infinity
  const n = x * 23.083120654223414 + 6755399441055744 - 6755399441055744
  const r = x - n * 0.04332169878499658
  const p = 1 + r * (1 + r * (0.5000161954878294 + r * 0.16666666666666666))
  return p * POW2_16[(n | 0) + 2401]${n && '!'}
}`,
  },
  tanh32: {
    needs: [],
    // A table takes fewer operations than a quotient of polynomials over all of the range. In its middle is -0, the one number
    // that leaves both zeros as they are when they are added to it.
    text: (
      n,
      numbers,
    ) => `// tanh(x) for float32 results: that of n/64 from a table and of the rest, d - d³/3, by the theorem of addition;
// relative error 5e-10, and 1 where float32 has nothing between
const TANH_64${numbers} = Float64Array.from({ length: 1179 }, (_, n) => Math.tanh((589 - n) / -64))
function tanh32(x${n})${n} {
  if (Math.abs(x) > 9.2) return x < 0 ? -1 : 1
  const n = x * 64 + 6755399441055744 - 6755399441055744
  const d = x - n * 0.015625
  const t = TANH_64[(n | 0) + 589]${n && '!'}
  const u = d * (1 - d * d * 0.3333333333333333)
  return (t + u) / (1 + t * u)
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
  nearest: {
    needs: [],
    text: (n) => `// The nearest whole number, halves to the even one
function nearest(x${n})${n} {
  const low = Math.floor(x)
  const above = x - low
  return above < 0.5 || (above === 0.5 && low % 2 === 0) ? low : Math.ceil(x)
}`,
  },
  polynomial: {
    needs: [],
    text: (n, numbers) => `function polynomial(c${numbers}, x${n})${n} {
  let sum = 0
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i]${n && '!'}
  return sum
}`,
  },
  erfcTail: {
    needs: ['polynomial'],
    text: (n, numbers) => `// Rational approximations to erf and erfc by interval, as in FreeBSD's s_erf.c
${(['small', 'middle', 'large', 'tail'] as const)
  .flatMap((name) =>
    ['P', 'Q'].map((part, i) => coefficients(`ERF_${name.toUpperCase()}_${part}`, ERF[name][i]!, numbers)),
  )
  .join('\n')}
function erfcTail(x${n})${n} {
  if (x > 28) return 0
  if (x !== x) return x
  const s = 1 / (x * x)
  const z = Math.fround(x)
  const r =
    x < 1 / 0.35
      ? polynomial(ERF_LARGE_P, s) / polynomial(ERF_LARGE_Q, s)
      : polynomial(ERF_TAIL_P, s) / polynomial(ERF_TAIL_Q, s)
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + r)) / x
}`,
  },
  erf: {
    needs: ['erfcTail'],
    text: (n) => `// 2 / sqrt(pi) times the integral of exp(-t * t) from 0 to x
function erf(x${n})${n} {
  const a = Math.abs(x)
  if (a < 0.84375) return x + x * (polynomial(ERF_SMALL_P, x * x) / polynomial(ERF_SMALL_Q, x * x))
  const y =
    a < 1.25
      ? ${ERF.atOne} + polynomial(ERF_MIDDLE_P, a - 1) / polynomial(ERF_MIDDLE_Q, a - 1)
      : 1 - erfcTail(a)
  return x < 0 ? -y : y
}`,
  },
  erfc: {
    needs: ['erfcTail'],
    text: (n) => `// 1 - erf(x), with all digits where that is small
function erfc(x${n})${n} {
  const a = Math.abs(x)
  if (a < 0.84375) {
    const y = x * (polynomial(ERF_SMALL_P, x * x) / polynomial(ERF_SMALL_Q, x * x))
    return a < 0.25 ? 1 - (x + y) : 0.5 - (x - 0.5 + y)
  }
  const y =
    a < 1.25
      ? 1 - ${ERF.atOne} - polynomial(ERF_MIDDLE_P, a - 1) / polynomial(ERF_MIDDLE_Q, a - 1)
      : erfcTail(a)
  return x < 0 ? 2 - y : y
}`,
  },
}

/** An array over as many lines as it needs. */
function coefficients(name: string, values: readonly number[], numbers: string): string {
  const lines: string[] = ['']
  for (const text of values.map(String)) {
    const line = lines.at(-1)!
    if (line.length + text.length + 6 > 120) lines.push(text)
    else lines[lines.length - 1] = line === '' ? text : `${line}, ${text}`
  }
  return `const ${name}${numbers} = Float64Array.of(\n  ${lines.join(',\n  ')},\n)`
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

const ERF_NAMES = ['SMALL', 'MIDDLE', 'LARGE', 'TAIL'].flatMap((part) => [`ERF_${part}_P`, `ERF_${part}_Q`])
export const HELPER_NAMES: readonly string[] = [...Object.keys(HELPERS), 'POW2_16', ...ERF_NAMES]
