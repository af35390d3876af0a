import { text, model } from './state/signals'
import { TrainTab } from './details/train-tab'

export function App() {
  return (
    <main>
      <TrainTab text={text} model={model} />
    </main>
  )
}
