import { adaptiveAveragePoolOp, adaptiveMaxPoolOp } from './adaptive'
import { depthToSpaceOp, spaceToDepthOp } from './depth'
import { frameOp } from './frame'
import { resizeOp } from './resize'

/** Ops over the spatial axes of images. */
export const IMAGE = {
  frame: frameOp,
  resize: resizeOp,
  depthToSpace: depthToSpaceOp,
  spaceToDepth: spaceToDepthOp,
  adaptiveAveragePool: adaptiveAveragePoolOp,
  adaptiveMaxPool: adaptiveMaxPoolOp,
} as const
