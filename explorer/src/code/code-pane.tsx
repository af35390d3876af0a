import { effect, useComputed } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Segments } from '../parts/segments'
import { letGo, pick, pickedIn, pickedMarks, point } from '../state/pointing'
import { inspection, schedule, target } from '../state/store'
import { StretchView } from './stretch-view'
import { stretchesOf } from './stretches'

const SCHEDULES = [
  { value: 'plain', text: 'Plain', title: 'Loops as a person would write them' },
  { value: 'fast', text: 'Fast', title: 'Tiles and vectors, as it runs' },
] as const
const TARGETS = [
  { value: 'js', text: 'JavaScript' },
  { value: 'wasm', text: 'WebAssembly' },
] as const

/** The generated code, a stretch for each kernel. */
export function CodePane() {
  const list = useRef<HTMLDivElement>(null)
  useEffect(() => effect(() => reveal(list.current!)), [])
  const stretches = useComputed(() => (inspection.value ? stretchesOf(inspection.value) : []))
  const byName = useComputed(() => new Map(inspection.value?.kernels.map((k) => [k.name, k.id])))
  const language = inspection.value?.code.target ?? 'js'
  return (
    <>
      <div class="bar">
        <Segments legend="Schedule" value={schedule} options={SCHEDULES} />
        <Segments legend="Target" value={target} options={TARGETS} />
        <span class="spring" />
        <button
          type="button"
          class="quiet"
          onClick={() => void navigator.clipboard.writeText(inspection.peek()?.code.text ?? '')}
        >
          Copy code
        </button>
      </div>
      <div
        class="listing"
        ref={list}
        role="region"
        aria-label="Generated code"
        tabIndex={0}
        onPointerOver={(event) => pointAt(event.target)}
        onPointerLeave={() => point(undefined)}
        onFocusIn={(event) => (event.target as Element).matches(':focus-visible') && pointAt(event.target)}
        onFocusOut={() => point(undefined)}
        onClick={(event) => pickAt(event.target)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') pickAt(event.target)
          else if (event.key === 'Escape') letGo()
          else if (!(event.key === 'ArrowDown' || event.key === 'ArrowUp')) return
          else if (!step(event.target, event.key === 'ArrowDown' ? 1 : -1)) return
          event.preventDefault()
        }}
      >
        {stretches.value.map((stretch) => (
          <StretchView key={`${language} ${stretch.key}`} stretch={stretch} language={language} byName={byName.value} />
        ))}
      </div>
    </>
  )
}

function kernelAt(element: EventTarget | null): number | undefined {
  const found = (element as Element | null)?.closest<HTMLElement>('[data-kernel]')?.dataset['kernel']
  return found === undefined ? undefined : Number(found)
}

function pointAt(element: EventTarget | null): void {
  const kernel = kernelAt(element)
  point(kernel === undefined ? undefined : { kind: 'kernel', kernel })
}

function pickAt(element: EventTarget | null): void {
  // Selecting text is no click on what it belongs to.
  if (getSelection()?.isCollapsed === false) return
  const kernel = kernelAt(element)
  if (kernel !== undefined) pick({ kind: 'kernel', kernel }, 'code')
}

/** The focus goes to the kernel before or behind. */
function step(element: EventTarget | null, by: number): boolean {
  const here = element as HTMLElement
  if (!here.matches('.kernel')) return false
  const all = [...here.parentElement!.querySelectorAll<HTMLElement>('.kernel')]
  const next = all[all.indexOf(here) + by]
  next?.focus()
  return next !== undefined
}

/** Brings the first of the kernels that were picked elsewhere into sight. */
function reveal(list: HTMLElement): void {
  const { kernels } = pickedMarks.value
  if (pickedIn.peek() === 'code' || kernels.size === 0) return
  requestAnimationFrame(() => {
    const first = list.querySelector('[data-picked=true]')
    if (!first) return
    const [inner, outer] = [first.getBoundingClientRect(), list.getBoundingClientRect()]
    if (inner.top < outer.top || inner.top > outer.bottom - 60) first.scrollIntoView({ block: 'start' })
  })
}
