import type { ReadonlySignal } from '@preact/signals'

export interface TrainingPanelProps {
  /** The text of the model. */
  readonly text: ReadonlySignal<string>
  /** The name of the built-in model that the text is, or '' once it has been changed. */
  readonly model: ReadonlySignal<string>
}

/** Trains the model that is shown. */
export function TrainingPanel({ model }: TrainingPanelProps) {
  return <p>{model.value}</p>
}
