import { useEffect, useState } from 'preact/hooks'
import type { Client } from './client'
import { ABOUT } from './data/kinds'
import { count, lossText, percent, rateText } from './numbers'

const SAID_EVERY = 5000

/** Where training stands, in large figures. */
export function FiguresRow({ client }: { readonly client: Client }) {
  const { progress, loss, picture, outline, phase } = client
  const { step, epoch, rate } = progress.value
  const prediction = picture.value?.prediction
  const accuracy = prediction && 'accuracy' in prediction ? prediction.accuracy : undefined
  const isRunning = phase.value === 'running'
  return (
    <>
      <dl class="train-figures">
        <Item name="Step" value={count(step)} />
        <Item name="Epoch" value={count(epoch)} />
        <Item name="Loss" value={lossText(loss.value)} />
        <Item name="Held-out loss" value={lossText(picture.value?.heldOut)} />
        {accuracy !== undefined && <Item name="Held-out accuracy" value={percent(accuracy)} />}
        <Item
          name={`Steps a second${outline.value ? `, ${outline.value.target}` : ''}`}
          value={isRunning && rate > 0 ? rateText(rate) : '–'}
        />
      </dl>
      <Said client={client} />
    </>
  )
}

const Item = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

/** The same for those who hear the page, now and then. */
function Said({ client }: { readonly client: Client }) {
  const [text, say] = useState('')
  useEffect(() => {
    let last = 0
    const timer = setInterval(() => {
      const { step } = client.progress.peek()
      if (step === last) return
      last = step
      const heldOut = client.picture.peek()?.heldOut
      const held = heldOut === undefined ? '' : `, on held-out data ${lossText(heldOut)}`
      say(`Step ${count(step)}, loss ${lossText(client.loss.peek())}${held}`)
    }, SAID_EVERY)
    return () => clearInterval(timer)
  }, [client])
  return (
    <p class="unseen" aria-live="polite">
      {text}
    </p>
  )
}

/** Which data the model is trained on, and whose they are. */
export function About({ client }: { readonly client: Client }) {
  const outline = client.outline.value
  if (!outline) return null
  const { title, source } = ABOUT[outline.data]
  const from =
    outline.predictions === undefined
      ? ' The model has no entry predict, so there are no predictions to show.'
      : outline.predictions === 'train'
        ? ' Predictions come from within train; an entry predict would give its own.'
        : ''
  return (
    <p class="train-note">
      <b>{title}.</b> {source} {count(outline.parameters)} parameters.{from}
    </p>
  )
}
