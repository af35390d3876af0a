import { asFloat } from '../../api/build'
import { constant, type Nested } from '../../api/leaf'
import { add, mul } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import type { DType } from '../../ir/type'
import { defineLayer } from '../layer'
import { required } from '../option'
import { nested } from './options'

const constantOf = (value: Nested, dtype: DType): Tensor =>
  typeof value === 'number' ? constant(value, { dtype }) : constant(value, { dtype })

/** x scale + offset, in the shape of x; scale and offset are numbers, or arrays that broadcast. Integers become float32. */
export const rescaling = defineLayer({
  className: 'Rescaling',
  name: 'rescaling',
  options: { scale: required(nested()), offset: nested(0) },
  mask: 'pass',
  call([x], { scale, offset }) {
    const values = asFloat('Rescaling', x!)
    return add(mul(values, constantOf(scale, values.dtype)), constantOf(offset, values.dtype))
  },
})
