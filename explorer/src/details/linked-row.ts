import { useComputed } from '@preact/signals'
import { marks, pick, pickedMarks, point } from '../state/pointing'

/** What makes an element stand for kernels: pointing at it lights them up, a click keeps them lit. */
export function useLinked(kernels: readonly number[]) {
  const [first] = kernels
  const lit = useComputed(() => kernels.some((k) => marks.value.kernels.has(k)))
  const picked = useComputed(() => kernels.some((k) => pickedMarks.value.kernels.has(k)))
  const show = (): void => point(first === undefined ? undefined : { kind: 'kernel', kernel: first })
  const hide = (): void => point(undefined)
  return {
    'data-lit': lit,
    'data-picked': picked,
    onPointerEnter: show,
    onPointerLeave: hide,
    onFocus: show,
    onBlur: hide,
    onClick: () => {
      if (first !== undefined) pick({ kind: 'kernel', kernel: first }, 'details')
    },
  }
}
