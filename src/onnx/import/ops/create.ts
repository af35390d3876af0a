import { eye, range } from '../../../api/create'
import { fill } from '../../../api/leaf'
import { cast } from '../../../api/math'
import type { Tensor } from '../../../ir/tensor'
import { showShape, sizeOf } from '../../../ir/type'
import { storedOf } from '../../tensor'
import { dtypeOfElement, elementCode } from '../../types'
import type { NodeCall, OnnxOps } from '../node-call'
import { constantOf } from '../values'
import { requireAlike, requireNumbers } from './operands'

const INT64 = elementCode('int64')
const FLOAT = elementCode('float')
const wholes = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  constantOf({ dtype: 'int32', shape, data: Int32Array.from(values) })

function constant(call: NodeCall): Tensor {
  const { attributes } = call
  const forms = ['value', 'sparse_value', 'value_float', 'value_floats', 'value_int', 'value_ints'].filter((name) =>
    attributes.has(name),
  )
  for (const name of ['value_string', 'value_strings']) if (attributes.has(name)) call.refuse(`the attribute ${name}`)
  if (forms.length !== 1) call.fail(`needs one value, it has ${forms.length}`)
  const tensor = attributes.tensor('value') ?? attributes.sparse('sparse_value')
  if (tensor) return constantOf(tensor)
  const [float, floats] = [attributes.float('value_float'), attributes.floats('value_floats')]
  const [int, ints] = [attributes.int('value_int'), attributes.ints('value_ints')]
  const shape = floats ? [floats.length] : ints ? [ints.length] : []
  const values = floats ?? ints ?? [float ?? int!]
  const isFloat = float !== undefined || floats !== undefined
  return constantOf(
    storedOf(
      isFloat
        ? { dims: shape, dataType: FLOAT, floatData: values }
        : { dims: shape, dataType: INT64, int64Data: values },
    ),
  )
}

/** One value in a shape that is known when the graph is built, 0 in float32 by default. */
function constantOfShape(call: NodeCall): Tensor {
  const shape = call.wholes(0)
  if (!shape.every((extent) => extent >= 0)) call.fail(`the shape is ${showShape(shape)}`)
  const { dtype, data } = call.attributes.tensor('value') ?? { dtype: 'float32' as const, data: [0] }
  if (data.length !== 1) call.fail(`value must be one number, there are ${data.length}`)
  return fill(shape, data[0]!, { dtype })
}

/** Extents of x from one axis up to another (not that), since version 15. */
function shapeOf(call: NodeCall): Tensor {
  const { shape } = call.input(0)
  const [start, end] =
    call.opset < 15 ? [0, shape.length] : [call.attributes.int('start', 0), call.attributes.int('end', shape.length)]
  return wholes(shape.slice(start, end))
}

function rangeOf(call: NodeCall): Tensor {
  const operands = call.inputs()
  requireAlike(call, operands)
  const { dtype } = requireNumbers(call, operands[0] ?? call.fail('needs three operands'))
  const [start, stop, step] = [0, 1, 2].map((at) => call.optionalNumber(at) ?? call.fail('needs three operands')) as [
    number,
    number,
    number,
  ]
  if (step === 0) call.fail('a step of 0 goes nowhere')
  return range(start, stop, { step, dtype: dtype })
}

function eyeLike(call: NodeCall): Tensor {
  const { shape, dtype } = call.input(0)
  if (shape.length !== 2) call.fail(`needs a matrix, it is given ${showShape(shape)}`)
  const element = call.attributes.int('dtype')
  const [rows, columns] = shape as [number, number]
  return cast(
    eye(rows, {
      columns,
      offset: call.attributes.int('k', 0),
      dtype: element === undefined ? dtype : dtypeOfElement(element),
    }) as Tensor,
    element === undefined ? dtype : dtypeOfElement(element),
  )
}

/** Tensors that come of no values. */
export const CREATE: OnnxOps = {
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shapeOf,
  Size: (call) => wholes([sizeOf(call.input(0).shape)], []),
  Range: rangeOf,
  EyeLike: eyeLike,
}
