// Coefficients of the rational approximations to erf and erfc of FreeBSD's msun (s_erf.c, Sun Microsystems 1993), by
// interval; each quotient has a relative error below 2^-57. Lowest power first.
export const ERF = {
  /** erf(x) = x + x P(x²) / Q(x²) for |x| < 0.84375. */
  small: [
    [
      1.28379167095512558561e-1, -3.2504210724700149937e-1, -2.84817495755985104766e-2, -5.77027029648944159157e-3,
      -2.37630166566501626084e-5,
    ],
    [
      1, 3.97917223959155352819e-1, 6.50222499887672944485e-2, 5.08130628187576562776e-3, 1.32494738004321644526e-4,
      -3.9602282787753681232e-6,
    ],
  ],
  /** erf(x) = 0.845... + P(|x| - 1) / Q(|x| - 1) for |x| < 1.25. */
  middle: [
    [
      -2.36211856075265944077e-3, 4.14856118683748331666e-1, -3.72207876035701323847e-1, 3.18346619901161753674e-1,
      -1.10894694282396677476e-1, 3.54783043256182359371e-2, -2.166375594868790843e-3,
    ],
    [
      1, 1.06420880400844228286e-1, 5.40397917702171048937e-1, 7.18286544141962662868e-2, 1.26171219808761642112e-1,
      1.36370839120290507362e-2, 1.1984499846799107417e-2,
    ],
  ],
  /** erfc(x) = exp(-x² - 0.5625 + P(1 / x²) / Q(1 / x²)) / x for x < 1 / 0.35. */
  large: [
    [
      -9.86494403484714822705e-3, -6.93858572707181764372e-1, -1.05586262253232909814e1, -6.23753324503260060396e1,
      -1.62396669462573470355e2, -1.84605092906711035994e2, -8.12874355063065934246e1, -9.81432934416914548592,
    ],
    [
      1, 1.96512716674392571292e1, 1.376577541435190426e2, 4.34565877475229228821e2, 6.45387271733267880336e2,
      4.29008140027567833386e2, 1.08635005541779435134e2, 6.57024977031928170135, -6.04244152148580987438e-2,
    ],
  ],
  /** The same beyond. */
  tail: [
    [
      -9.86494292470009928597e-3, -7.99283237680523006574e-1, -1.77579549177547519889e1, -1.60636384855821916062e2,
      -6.37566443368389627722e2, -1.02509513161107724954e3, -4.83519191608651397019e2,
    ],
    [
      1, 3.03380607434824582924e1, 3.25792512996573918826e2, 1.53672958608443695994e3, 3.19985821950859553908e3,
      2.55305040643316442583e3, 4.74528541206955367215e2, -2.24409524465858183362e1,
    ],
  ],
  atOne: 8.45062911510467529297e-1,
} as const satisfies Record<string, readonly (readonly number[])[] | number>

function quotient([p, q]: readonly [readonly number[], readonly number[]], x: number): number {
  return polynomial(p, x) / polynomial(q, x)
}
function polynomial(c: readonly number[], x: number): number {
  let sum = 0
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i]!
  return sum
}

/** 2 / sqrt(pi) times the integral of exp(-t²) from 0 to x. */
export function erf(x: number): number {
  const a = Math.abs(x)
  if (a < 0.84375) return x + x * quotient(ERF.small, x * x)
  const y = a < 1.25 ? ERF.atOne + quotient(ERF.middle, a - 1) : 1 - upperTail(a)
  return x < 0 ? -y : y
}

/** 1 - erf(x), with all digits where that is small. */
export function erfc(x: number): number {
  const a = Math.abs(x)
  if (a < 0.25) return 1 - (x + x * quotient(ERF.small, x * x))
  if (a < 0.84375) return 0.5 - (x - 0.5 + x * quotient(ERF.small, x * x))
  const y = a < 1.25 ? 1 - ERF.atOne - quotient(ERF.middle, a - 1) : upperTail(a)
  return x < 0 ? 2 - y : y
}

/** erfc for x from 1.25; the square is split so that its rounding is not multiplied by the exponential. */
function upperTail(x: number): number {
  if (x > 28) return 0
  if (x !== x) return x
  const s = 1 / (x * x)
  const z = Math.fround(x)
  const r = x < 1 / 0.35 ? quotient(ERF.large, s) : quotient(ERF.tail, s)
  return (Math.exp(-z * z - 0.5625) * Math.exp((z - x) * (z + x) + r)) / x
}

/** The nearest whole number, halves to the even one. */
export function nearest(x: number): number {
  const low = Math.floor(x)
  const above = x - low
  return above < 0.5 || (above === 0.5 && low % 2 === 0) ? low : Math.ceil(x)
}
