import { useId } from 'preact/hooks'
import type { Client } from './client'
import { short } from './numbers'
import type { Target } from './protocol'

const BATCHES = [1, 8, 16, 32, 64, 128, 256]
const PACES = [
  { pace: undefined, text: 'full speed' },
  { pace: 1000, text: '1,000 steps/s' },
  { pace: 100, text: '100 steps/s' },
  { pace: 10, text: '10 steps/s' },
  { pace: 1, text: '1 step/s' },
]
/** Exponents of ten of learning rates. */
const [LEAST, MOST, STEP] = [-5, 1, 0.05]

/** What starts and stops training, and what can be set. */
export function Controls({ client }: { readonly client: Client }) {
  const { phase, outline, settings } = client
  const isRunning = phase.value === 'running'
  const isIdle = phase.value === 'ready'
  const canRun = isRunning || isIdle
  return (
    <div class="train-controls">
      <div class="group" role="group" aria-label="Training">
        <button
          type="button"
          class="train-go"
          disabled={!canRun}
          onClick={() => (isRunning ? client.pause() : client.start())}
        >
          {isRunning ? <PauseMark /> : <StartMark />}
          {isRunning ? 'Pause' : 'Start'}
        </button>
        <button type="button" disabled={!isIdle} onClick={() => client.step()}>
          Step
        </button>
        <button type="button" disabled={!canRun} onClick={() => client.reset()}>
          Reset
        </button>
      </div>
      <TargetChoice client={client} />
      <LearningRate client={client} />
      <label class="field">
        Batch
        <select
          value={outline.value?.fixedBatch ?? settings.value.batch}
          disabled={outline.value?.fixedBatch !== undefined}
          title={outline.value?.fixedBatch === undefined ? undefined : 'The model fixes the size of its batches'}
          onChange={(e) => client.set({ batch: Number(e.currentTarget.value) })}
        >
          {[...new Set([...BATCHES, outline.value?.fixedBatch ?? 32])]
            .sort((a, b) => a - b)
            .map((n) => (
              <option key={n} value={n}>
                {n}
              </option>
            ))}
        </select>
      </label>
      <label class="field">
        Speed
        <select
          value={PACES.findIndex((p) => p.pace === settings.value.pace)}
          onChange={(e) => client.setPace(PACES[Number(e.currentTarget.value)]!.pace)}
        >
          {PACES.map(({ text }, i) => (
            <option key={text} value={i}>
              {text}
            </option>
          ))}
        </select>
      </label>
    </div>
  )
}

function TargetChoice({ client }: { readonly client: Client }) {
  const name = useId()
  const current = client.outline.value?.target ?? client.settings.value.target
  const obstacles = client.outline.value?.obstacles ?? {}
  return (
    <fieldset class="segments">
      <legend class="unseen">Target</legend>
      {(['js', 'wasm'] as const satisfies readonly Target[]).map((target) => (
        <label key={target} title={obstacles[target]}>
          <input
            type="radio"
            name={name}
            checked={current === target}
            disabled={obstacles[target] !== undefined}
            onChange={() => client.set({ target })}
          />
          <span>{target}</span>
        </label>
      ))}
    </fieldset>
  )
}

function LearningRate({ client }: { readonly client: Client }) {
  const { outline, settings } = client
  const rate = settings.value.learningRate ?? outline.value?.learningRate
  const isSet = rate !== undefined
  const text = isSet ? short(rate) : 'set by the model'
  return (
    <label
      class="field train-rate"
      title={isSet ? undefined : 'The model has no learning rate in its state: a schedule or a constant gives it'}
    >
      Learning rate
      <input
        type="range"
        min={LEAST}
        max={MOST}
        step={STEP}
        disabled={!isSet}
        value={isSet ? Math.log10(Math.max(rate, 1e-9)) : 0}
        aria-valuetext={text}
        onInput={(e) => client.set({ learningRate: Number((10 ** Number(e.currentTarget.value)).toPrecision(2)) })}
      />
      <output>{text}</output>
    </label>
  )
}

const StartMark = () => (
  <svg viewBox="0 0 10 10" aria-hidden="true">
    <path d="M2 1v8l7-4z" />
  </svg>
)
const PauseMark = () => (
  <svg viewBox="0 0 10 10" aria-hidden="true">
    <path d="M1.5 1h2.6v8H1.5zM5.9 1h2.6v8H5.9z" />
  </svg>
)
