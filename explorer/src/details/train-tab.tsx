import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { FunctionComponent } from 'preact'
import type { TrainingPanelProps } from '../training/panel'

/** The training panel, which is loaded when the tab is first opened. */
export function TrainTab(props: TrainingPanelProps) {
  const Panel = useSignal<FunctionComponent<TrainingPanelProps> | undefined>(undefined)
  const failure = useSignal('')
  useEffect(() => {
    import('../training/panel').then(
      ({ TrainingPanel }) => (Panel.value = TrainingPanel),
      (error: unknown) => (failure.value = String(error)),
    )
  }, [Panel, failure])
  if (failure.value !== '') return <p role="alert">The training panel could not be loaded: {failure.value}</p>
  return Panel.value ? <Panel.value {...props} /> : <p>Loading…</p>
}
