import type { Initializer } from '../init/initializers'
import type { Part } from '../ir/part'

// Those that scale by the number of units on either side.
const SCALED = new Set(['VarianceScaling', 'GlorotNormal', 'GlorotUniform', 'HeNormal', 'HeUniform', 'LecunNormal', 'LecunUniform']) // prettier-ignore

/**
 * The same initializer for a kernel whose axes do not end in [in, out]: those that scale by fans are given these. The values
 * are drawn one by one, so that the shape says no more than how many there are. As Keras's EinsumDense.
 */
export const withFans = (initializer: Part<Initializer>, fanIn: number, fanOut: number): Initializer =>
  SCALED.has(initializer.className ?? '') ? (_, random) => initializer([fanIn, fanOut], random) : initializer
