/** Scalar functions. A new one is a word here; every dialect then fails to type-check until it prints it. */
export type Fn =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'max'
  | 'min'
  | 'abs'
  | 'sqrt'
  | 'exp'
  | 'log'
  | 'pow'
  | 'tanh'
  | 'sigmoid'
  | 'expm1'
  | 'log1p'
  | 'log2'
  | 'log10'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'atan2'
  | 'sinh'
  | 'cosh'
  | 'asinh'
  | 'acosh'
  | 'atanh'
  | 'erf'
  | 'erfc'
  | 'hypot'
  | 'floor'
  | 'ceil'
  | 'trunc'
  /** The nearest whole number, halves to the even one. */
  | 'nearest'
  /** The remainder of a division that truncates: it has the sign of the first operand. */
  | 'rem'
  | 'bitAnd'
  | 'bitOr'
  | 'bitXor'
  | 'shiftLeft'
  /** Keeps the sign of an int32. */
  | 'shiftRight'
  /** The bits of an int32 moved up, those that leave at the top coming back below. */
  | 'rotateLeft'
  | 'lt'
  | 'le'
  | 'eq'
  | 'ne'
  | 'and'
  | 'or'
  | 'not'
  | 'select'
  /** Conversion to the call's own dtype; from float to int it truncates, NaN gives 0. */
  | 'cast'
  /** Rounds a float32 expression to its nearest float32 value: targets that compute wider need it before a comparison. */
  | 'round'
  | BitFn
  | VectorFn
  | RandomFn

/** Parts of approximations, on targets that have them in vectors. */
export type BitFn =
  /** The first operand times 2 to the power of the second, a whole number; powers stay within twice the normal exponents. */
  | 'scale'
  /** 2 to the power of a whole number within the normal exponents. */
  | 'pow2'
  /** The whole number e with 2^e <= |x| < 2^(e+1), for normal x. */
  | 'exponent'
  /** x / 2^e, in [1, 2) for positive normal x. */
  | 'mantissa'
  /** The first operand with the sign of the second, which may be a zero. */
  | 'copysign'

/**
 * The first and the second word of a block of Threefry-2x32 as int32, from two key words and two counter words. One part
 * of an expression until loops are made, when it is written out in integer arithmetic.
 */
export type RandomFn = 'threefry0' | 'threefry1'

/** What schedules make for targets with vectors. */
export type VectorFn =
  /** One value in all lanes of a vector. */
  | 'splat'
  /** A value, and in each further lane of a vector one more. */
  | 'ramp'
  /** All lanes of a vector combined. */
  | 'foldAdd'
  | 'foldMul'
  | 'foldMax'
  | 'foldMin'

/** An estimate in units of one addition. */
export const FN_COST: Readonly<Record<Fn, number>> = {
  add: 1,
  sub: 1,
  mul: 1,
  div: 4,
  neg: 1,
  max: 1,
  min: 1,
  abs: 1,
  sqrt: 6,
  exp: 12,
  log: 20,
  pow: 40,
  tanh: 16,
  sigmoid: 16,
  expm1: 16,
  log1p: 20,
  log2: 20,
  log10: 20,
  sin: 20,
  cos: 20,
  tan: 24,
  asin: 24,
  acos: 24,
  atan: 20,
  atan2: 24,
  sinh: 20,
  cosh: 20,
  asinh: 24,
  acosh: 24,
  atanh: 24,
  erf: 24,
  erfc: 24,
  hypot: 12,
  floor: 1,
  ceil: 1,
  trunc: 1,
  nearest: 4,
  rem: 8,
  bitAnd: 1,
  bitOr: 1,
  bitXor: 1,
  shiftLeft: 1,
  shiftRight: 1,
  rotateLeft: 3,
  lt: 1,
  le: 1,
  eq: 1,
  ne: 1,
  and: 1,
  or: 1,
  not: 1,
  select: 1,
  cast: 1,
  round: 0,
  scale: 9,
  pow2: 3,
  exponent: 3,
  mantissa: 2,
  copysign: 1,
  splat: 0,
  ramp: 1,
  foldAdd: 4,
  foldMul: 4,
  foldMax: 4,
  foldMin: 4,
  threefry0: 120,
  threefry1: 120,
}
