import type { AnyLayer } from './layer'

/** How messages speak of a layer. */
export const title = (layer: AnyLayer): string => `layer "${layer.name}" (${layer.className})`
