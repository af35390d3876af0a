import { crop } from '../api/image'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { type DataFormat, spatialOf } from '../ops/window'
import { defineLayer } from './layer'
import { requireRank } from './rank'
import { borders, dataFormat } from './window-options'

type Pairs = readonly (readonly [before: number, after: number])[]

function cropped(className: string, x: Tensor, cropping: Pairs, format: DataFormat): Tensor {
  requireRank(className, x, cropping.length + 2)
  if (spatialOf(x.shape, format).some((extent, i) => cropping[i]![0] + cropping[i]![1] >= extent))
    throw new GraphError(`${className}: cropping ${JSON.stringify(cropping)} leaves nothing of ${describe(x)}`)
  return crop(x, cropping, { dataFormat: format })
}

/** Sequences [batch, steps, features] without so many steps at the start and the end. */
export const cropping1d = defineLayer({
  className: 'Cropping1D',
  name: 'cropping1d',
  options: { cropping: borders(1, 1) },
  call: ([x], o) => cropped('Cropping1D', x!, o.cropping, 'channelsLast'),
})

/** Images without so many rows and columns at their sides. Throws where nothing would be left. */
export const cropping2d = defineLayer({
  className: 'Cropping2D',
  name: 'cropping2d',
  options: { cropping: borders(2, 0), dataFormat: dataFormat() },
  call: ([x], o) => cropped('Cropping2D', x!, o.cropping, o.dataFormat),
})

/** Volumes without so many layers of elements at their sides. Throws where nothing would be left. */
export const cropping3d = defineLayer({
  className: 'Cropping3D',
  name: 'cropping3d',
  options: { cropping: borders(3, 1), dataFormat: dataFormat() },
  call: ([x], o) => cropped('Cropping3D', x!, o.cropping, o.dataFormat),
})
