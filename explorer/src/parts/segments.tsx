import type { Signal } from '@preact/signals'
import { useId } from 'preact/hooks'

export interface SegmentsProps<T extends string> {
  readonly legend: string
  readonly value: Signal<T>
  readonly options: readonly { readonly value: T; readonly text: string; readonly title?: string }[]
}

/** A few values side by side, of which one holds. */
export function Segments<T extends string>({ legend, value, options }: SegmentsProps<T>) {
  const name = useId()
  return (
    <fieldset class="segments">
      <legend class="unseen">{legend}</legend>
      {options.map((option) => (
        <label key={option.value} title={option.title}>
          <input
            type="radio"
            name={name}
            checked={value.value === option.value}
            onChange={() => (value.value = option.value)}
          />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  )
}
