import { computed, signal } from '@preact/signals'
import { isSameTarget, marksOf, type Target } from './links'
import { drawing, inspection } from './store'

/** What is under the pointer, or has the focus. */
export const pointed = signal<Target | undefined>(undefined)
/** What was clicked: it stays lit when the pointer goes elsewhere. */
export const picked = signal<Target | undefined>(undefined)

/** Lit because of what is pointed at, else of what is picked. */
export const marks = computed(() => marksOf(pointed.value ?? picked.value, inspection.value, drawing.value))
/** Lit as long as it is picked. */
export const pickedMarks = computed(() => marksOf(picked.value, inspection.value, drawing.value))

/** The view in which something was picked last: the others come to show what belongs to it. */
export const pickedIn = signal<'model' | 'graph' | 'code' | 'details'>('model')

export function point(target: Target | undefined): void {
  if (!isSameTarget(target, pointed.peek())) pointed.value = target
}

/** What is picked again is let go. */
export function pick(target: Target, view: typeof pickedIn.value): void {
  pickedIn.value = view
  picked.value = isSameTarget(target, picked.peek()) ? undefined : target
}

export function letGo(): void {
  picked.value = undefined
  pointed.value = undefined
}
