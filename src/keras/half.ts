/** float32 values of IEEE half-precision ones: 1 bit of sign, 5 of exponent, 10 of fraction. */
export function halvesToFloats(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(halves.length)
  halves.forEach((half, i) => {
    const sign = half >> 15 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 0) floats[i] = sign * fraction * 2 ** -24
    else if (exponent === 31) floats[i] = fraction ? NaN : sign * Infinity
    else floats[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
  return floats
}
