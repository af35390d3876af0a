import { less, where } from '../../api/math'
import { flip } from '../../api/shape'
import { choice } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'

/** Images mirrored in training, each with probability 1/2: left to right, top to bottom, or both at once. */
export const randomFlip = augmentation({
  className: 'RandomFlip',
  name: 'random_flip',
  options: { mode: choice(['horizontal', 'vertical', 'horizontalAndVertical'], 'horizontalAndVertical') },
  change(images, { mode }) {
    const { x, axes } = images
    const along = [...(mode === 'horizontal' ? [] : [axes.height]), ...(mode === 'vertical' ? [] : [axes.width])]
    return where(less(eachIn(images, [0, 1]), 0.5), flip(x, along), x)
  },
})
