import * as loom from 'gradloom'
import { describe, expect, it } from 'vitest'

const at = loom.constant(Int32Array.of(0), { shape: [1] })
const [two, three] = [loom.fill([2], 1), loom.fill([3], 1)]
const matrix = loom.fill([2, 3], 1)
const image = loom.fill([1, 2, 4, 5], 1)
const truth = loom.fill([2], 1, { dtype: 'bool' })

/** Calls that are refused when the graph is built, by the function that says so, and what it says. */
const REFUSED: readonly (readonly [name: string, call: () => unknown, text: RegExp])[] = [
  ['threshold', () => loom.threshold(loom.cast(two, 'int32'), 0.5, 0), /0.5.* is no int32/],
  ['step', () => loom.step(truth), /is bool/],
  ['squareplus', () => loom.squareplus(two, { b: 0 }), /b must be a positive number, it is 0/],
  ['glu', () => loom.glu(matrix), /axis 1 of \[2, 3\] has no two halves/],
  ['glu', () => loom.glu(matrix, { axis: 2 }), /axis 2 is out of range/],
  ['multiHot', () => loom.multiHot(loom.cast(two, 'int32'), 0), /depth must be a whole number from 1, it is 0/],
  ['multiHot', () => loom.multiHot(loom.constant(1, { dtype: 'int32' }), 3), /holds no indices/],
  ['ldexp', () => loom.ldexp(two, two), /exponent must be whole, int32 or uint8, it is float32/],
  ['addN', () => loom.addN([]), /at least one tensor/],
  ['select', () => loom.select([truth], []), /1 conditions need as many choices .* got 0/],
  ['select', () => loom.select([two], [1]), /conditions must be bool, one is float32/],
  ['isClose', () => loom.isClose(two, two, { relative: -1 }), /relative must be a number from 0, it is -1/],
  ['frac', () => loom.frac(truth), /is bool/],
  ['ptp', () => loom.ptp(matrix, { axis: 2 as never }), /axis 2 is out of range/],
  ['ptp', () => loom.ptp(loom.fill([0, 2], 1), { axis: 0 }), /axis 0 of \[0, 2\] is empty/],
  ['nanMax', () => loom.nanMax(loom.fill([0], 1)), /axis 0 of \[0\] is empty/],
  [
    'bincount',
    () => loom.bincount(loom.cast(two, 'int32'), undefined as never),
    /length must be a whole number from 1/,
  ],
  ['quantile', () => loom.quantile(two, two as never), /q must be a number or an array of numbers, it is a tensor/],
  ['quantile', () => loom.quantile(two, 0.3, { method: 'toString' as never }), /"toString" is none of linear/],
  ['histogram', () => loom.histogram(two, { range: 3 as never }), /range is .*, it is \[3\]/],
  ['digitize', () => loom.digitize(two, undefined as never), /an array of numbers or a tensor .*, got undefined/],
  ['isIn', () => loom.isIn(two, 3 as never), /an array of numbers or a tensor .*, got number/],
  ['solve', () => loom.solve(loom.eye(2), undefined as never), /expected a tensor, got undefined/],
  ['jvp', () => loom.jvp(two as never, [two], [two]), /outputs must be a list of tensors/],
  ['jvp', () => loom.jvp([loom.exp(two)], two as never, [two]), /must be a list of tensors/],
  ['jacobian', () => loom.jacobian(loom.exp(two), undefined as never), /must be a list of tensors/],
  [
    'jacobian',
    () => loom.jacobian(loom.exp(two), two, { mode: 'both' as never }),
    /mode "both" is none of reverse, forward/,
  ],
  ['average', () => loom.average(matrix, { weights: three }), /weights have the shape of x/],
  ['average', () => loom.average(matrix, { axis: 0, weights: three }), /weights have the shape of x/],
  ['diff', () => loom.diff(two, { n: -1 }), /n must be a whole number from 0, it is -1/],
  ['cov', () => loom.cov(image), /a vector or a matrix is needed/],
  ['cov', () => loom.cov(two, { correction: 2 }), /correction must be from 0 up to the 2 observations/],
  ['corrcoef', () => loom.corrcoef(image), /a vector or a matrix is needed/],
  ['lpNormalize', () => loom.lpNormalize(two, { ord: 0 }), /ord must be a number above 0/],
  ['inner', () => loom.inner(two, three), /the last extents 2 and 3 differ/],
  ['vdot', () => loom.vdot(matrix, two), /as many elements, got \[2, 3\] and \[2\]/],
  ['cross', () => loom.cross(two, two), /axis 0 of both must have the extent 3/],
  ['cross', () => loom.cross(three, loom.fill([1], 1)), /axis 0 of both must have the extent 3/],
  ['matrixPower', () => loom.matrixPower(matrix, 2), /square matrices are needed, got the shape \[2, 3\]/],
  ['matrixPower', () => loom.matrixPower(loom.eye(2), -1), /n must be a whole number from 0/],
  ['multiDot', () => loom.multiDot([matrix, matrix]), /inner dimensions 3 and 2 differ/],
  ['multiDot', () => loom.multiDot([matrix]), /at least two tensors/],
  ['multiDot', () => loom.multiDot([matrix, image]), /operand 2 is \[1, 2, 4, 5\]/],
  ['eye', () => loom.eye(-1), /rows must be a whole number from 0, it is -1/],
  ['tri', () => loom.tri(2, { offset: 0.5 }), /offset must be a whole number, it is 0.5/],
  ['fullLike', () => loom.fullLike(loom.cast(two, 'uint8'), 256), /256 is no uint8/],
  ['linspace', () => loom.linspace(0, Infinity, 3), /stop must be a finite number/],
  ['linspace', () => loom.linspace(0, 1, 2.5), /count must be a whole number from 0, it is 2.5/],
  [
    'linspace',
    () => loom.linspace(0, 1, 2, { dtype: 'int32' as never }),
    /dtype must be float32 or float64, it is int32/,
  ],
  ['logspace', () => loom.logspace(0, 1, 2, { base: -1 }), /base must be a positive number/],
  ['slice', () => loom.slice(two, [[0, 1]] as never), /axis 0: a range is a position, null or .*it is \[0,1\]/],
  ['slice', () => loom.slice(two, [{ from: 1 }] as never), /a range is .*it is {"from":1}/],
  ['slice', () => loom.slice(two, '1:2' as never), /an array of ranges is needed, it is string/],
  ['scatter', () => loom.scatter(two, loom.constant([0]) as never, 1), /int32 or uint8/],
  ['scatter', () => loom.scatter(two, at, three), /updates must be \[1\] or broadcast to it, they are \[3\]/],
  ['scatter', () => loom.scatter(two, at, 1, { reduce: 'mul' as never }), /"mul" is none of set, add, max, min/],
  ['scatter', () => loom.scatter(two, at, loom.cast(two, 'int32')), /updates of float32 are needed, they are int32/],
  ['putAlongAxis', () => loom.putAlongAxis(matrix, at, 1), /\[1\] must have the extents of \[2, 3\] but along axis 1/],
  ['gatherND', () => loom.gatherND(two, loom.reshape(loom.concat([at, at]), [1, 2])), /must be 1 to 1/],
  ['scatterND', () => loom.scatterND(loom.reshape(at, [1, 1]), two, [2.5]), /shape \[2.5\] has the extent 2.5/],
  ['sliceUpdate', () => loom.sliceUpdate(two, [1], two), /float32\[2\] from \[1\] on does not lie within float32\[2\]/],
  ['segmentSum', () => loom.segmentSum(two, loom.concat([at, at, at]), 2), /must begin with \[3\]/],
  ['segmentMax', () => loom.segmentMax(two, loom.concat([at, at]), -1), /segments must be a whole number/],
  ['range', () => loom.range(0, 1, { step: 0 }), /a step of 0 goes nowhere/],
  ['range', () => loom.range(0, 1, { step: 0.5 }), /0.5 .*is no int32/],
  ['range', () => loom.range(0, 300, { dtype: 'uint8' }), /299 .*is no uint8/],
  ['meshgrid', () => loom.meshgrid([matrix]), /vectors are needed, got the shape \[2, 3\]/],
  ['meshgrid', () => loom.meshgrid([two], { indexing: 'yx' as never }), /"yx" is none of xy, ij/],
  ['hannWindow', () => loom.hannWindow(0), /n must be a whole number from 1, it is 0/],
  ['tril', () => loom.tril(two), /a matrix is needed, got the shape \[2\]/],
  ['triu', () => loom.triu(two), /a matrix is needed, got the shape \[2\]/],
  ['bandPart', () => loom.bandPart(matrix, -2, 0), /lower must be a whole number from 0, or -1, it is -2/],
  ['diag', () => loom.diag(image), /a vector or a matrix is needed/],
  ['fillDiagonal', () => loom.fillDiagonal(matrix, two), /the value must be a scalar, it has the shape \[2\]/],
  ['swapAxes', () => loom.swapAxes(matrix, 0, 2), /axis 2 is out of range/],
  ['moveAxis', () => loom.moveAxis(matrix, [0, 0], [0, 1]), /each once/],
  ['rot90', () => loom.rot90(matrix, { axes: [1, -1] }), /two axes are needed, both are 1/],
  ['rot90', () => loom.rot90(matrix, { times: 0.5 }), /times must be a whole number, it is 0.5/],
  ['rgbToGrayscale', () => loom.rgbToGrayscale(image), /three channels are needed, in channelsLast order/],
  [
    'affineTransform',
    () => loom.affineTransform(image, matrix),
    /transforms are \[8\], or \[1, 8\] for as many images/,
  ],
  ['affineTransform', () => loom.affineTransform(matrix, loom.fill([8], 0)), /\[2, 3\] has not 2 spatial axes/],
  [
    'affineTransform',
    () => loom.affineTransform(image, loom.fill([8], 0), { fillMode: 'mirror' as never }),
    /fillMode "mirror" is none of constant, nearest, reflect, wrap/,
  ],
  [
    'affineTransform',
    () => loom.affineTransform(image, loom.fill([8], 0), { interpolation: 'cubic' as never }),
    /interpolation "cubic" is none of/,
  ],
  [
    'affineTransform',
    () => loom.affineTransform(image, loom.fill([8], 0), { fillValue: NaN }),
    /fillValue must be a finite number/,
  ],
  ['unfold', () => loom.unfold(matrix, { size: 2 }), /needs 4 dimensions/],
  ['unfold', () => loom.unfold(image, { size: 6 }), /windows of \[6, 6\] do not fit into \[4, 5\]/],
  ['fold', () => loom.fold(image, [4, 5], { size: 2 }), /must be \[batch, channels \* 4, 12\]/],
  ['extractPatches', () => loom.extractPatches(image, { size: 0 }), /size must be a whole number from 1/],
]

describe('what is refused', () => {
  it.each(REFUSED.map(([name, call, text]) => ({ name, call, text })))('$name: $text', ({ name, call, text }) => {
    expect(call).toThrow(loom.GraphError)
    expect(call).toThrow(new RegExp(`^${name}: `))
    expect(call).toThrow(text)
  })
})
