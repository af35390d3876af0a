import { type ReadonlySignal, useSignalEffect } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { Client, type Port } from './client'
import { Controls } from './controls'
import { CopiesView, DigitsView } from './digits-view'
import { fetchData } from './fetch-data'
import { About, FiguresRow } from './figures-row'
import { Histograms } from './histograms'
import { LossChart } from './loss-chart'
import { RatesView } from './rates'
import { SeriesView } from './series-view'
import { SpiralsView } from './spirals-view'
import './training.css'

export interface TrainingPanelProps {
  /** The text of the model. */
  readonly text: ReadonlySignal<string>
  /** The name of the built-in model that the text is, or '' once it has been changed. */
  readonly model: ReadonlySignal<string>
}

/** Training follows once nothing has been typed for a moment. */
const PAUSE = 600
/** Between drawings where motion is not wanted. */
const STILL = 1000

const startWorker = (): Port => new Worker(new URL('./trainer-worker.ts', import.meta.url), { type: 'module' })

/** With the next frame, or about once a second for those who want no motion. */
function whenDrawn(draw: () => void): void {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) setTimeout(draw, STILL)
  else requestAnimationFrame(draw)
}

/** Trains the model that is shown, and shows how. */
export function TrainingPanel({ text, model }: TrainingPanelProps) {
  const client = useMemo(() => new Client({ startWorker, fetchData, whenDrawn }), [])
  useEffect(() => () => client.dispose(), [client])
  useSignalEffect(() => {
    const [own, example] = [text.value, model.value]
    const timer = setTimeout(() => client.load(own, example), client.isUsed ? PAUSE : 0)
    return () => clearTimeout(timer)
  })
  const { problem, phase, outline } = client
  return (
    <div class="training" data-phase={phase.value}>
      <Controls client={client} />
      {problem.value && <ProblemText problem={problem.value} />}
      {phase.value === 'loading' && <p class="train-note">The model is being compiled…</p>}
      {(phase.value !== 'broken' || outline.value !== undefined) && <Views client={client} />}
      <About client={client} />
    </div>
  )
}

function Views({ client }: { readonly client: Client }) {
  const picture = client.picture.value
  return (
    <>
      <FiguresRow client={client} />
      <div class="train-views">
        <LossChart client={client} />
        <PredictionView client={client} />
        <RatesView client={client} />
        <Histograms variables={picture?.variables ?? []} step={picture?.step ?? 0} />
      </div>
    </>
  )
}

function ProblemText({ problem }: { readonly problem: NonNullable<Client['problem']['value']> }) {
  const { kind, message, line } = problem
  const title = {
    fault: 'The model failed',
    misfit: 'This model cannot be trained here',
    diverged: 'Training has diverged',
  }[kind]
  return (
    <div class={`train-problem ${kind}`} role="alert">
      <b>
        {title}
        {line === undefined ? '' : ` at line ${line}`}
      </b>
      <pre>{message}</pre>
    </div>
  )
}

function PredictionView({ client }: { readonly client: Client }) {
  const prediction = client.picture.value?.prediction
  const points = client.points.value
  if (points)
    return <SpiralsView points={points} prediction={prediction?.kind === 'spirals' ? prediction : undefined} />
  switch (prediction?.kind) {
    case 'digits':
      return <DigitsView prediction={prediction} />
    case 'images':
      return <CopiesView prediction={prediction} />
    case 'series':
      return <SeriesView prediction={prediction} />
    default:
      return null
  }
}
