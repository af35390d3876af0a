import { spectralNorm } from '../api/weight-norm'
import { truncatedNormal } from '../init/initializers'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { type AnyLayer, defineLayer } from './layer'
import { layerOption } from './layer-option'
import { integer } from './option'
import { currentPass, type Instead, maskOf, withPass } from './pass'
import { title } from './title'
import type { Weight } from './weight'

const KERNELS = ['kernel', 'embeddings']
/** The estimate of a layer's singular vector, as the entry that is being built sees it. */
const estimates = new WeakMap<AnyLayer, Tensor>()

/**
 * A layer whose `kernel` or `embeddings` is kept by its largest singular value, as a matrix of all axes by the last: in
 * training it computes with the kernel by that value, which steps of power iteration estimate anew, and the kernel is put
 * back to 1 after each update; otherwise with the kernel as it is. The gradient flows through the value with its vectors
 * held constant. Throws for a layer with neither weight. Source: Miyato et al. 2018, arXiv:1802.05957.
 */
export const spectralNormalization = defineLayer({
  className: 'SpectralNormalization',
  name: 'spectral_normalization',
  options: { layer: layerOption(), powerIterations: integer(1) },
  parts: ({ layer }) => ({ layer }),
  // The kernel counts as a weight of both layers.
  order: (weights) => {
    const isKernel = ({ name }: Weight): boolean => KERNELS.includes(name)
    return [...weights.filter(isKernel), ...weights.filter((w) => !isKernel(w))]
  },
  mask: (_masks, _inputs, outputs) => outputs.map(maskOf),
  call([x], { layer, powerIterations: iterations }, at) {
    const norm = (w: Tensor) => spectralNorm(w, { u: estimates.get(layer)!, iterations, track: false }).output
    let isFound = false
    const instead: Instead = {
      layer,
      rule(name, given) {
        if (!KERNELS.includes(name)) return given
        return { ...given, constraint: (w) => norm(given.constraint?.(w) ?? w) }
      },
      value(name, w) {
        if (!KERNELS.includes(name)) return w
        isFound = true
        const spec = { initializer: truncatedNormal({ stddev: 0.02 }), trainable: false, dtype: w.dtype }
        const u = at.weight('vector_u', [1, w.shape.at(-1)!], spec)
        estimates.set(layer, u)
        if (!at.training) return w
        const { output, updates } = spectralNorm(w, { u, iterations })
        at.update(updates)
        return output
      },
    }
    const results = withPass({ ...currentPass(), instead }, () => at.layer(layer, x!, {}, layer.name))
    if (!isFound) throw new GraphError(`SpectralNormalization: ${title(layer)} has no weight ${KERNELS.join(' or ')}`)
    return results.length === 1 ? results[0]! : results
  },
})
