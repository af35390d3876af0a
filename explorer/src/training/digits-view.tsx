import { Figure } from './figure'
import { Image } from './image'
import { percent } from './numbers'
import type { Prediction } from './protocol'

/** Digits that are held out, with what the model takes each for. */
export function DigitsView({ prediction }: { readonly prediction: Extract<Prediction, { kind: 'digits' }> }) {
  const { side, images, classes, predicted, certainty } = prediction
  const wrong = classes.filter((c, i) => c !== predicted[i]).length
  return (
    <Figure
      title="Held-out digits"
      class="train-digits"
      aside={`${classes.length - wrong} of these ${classes.length} right`}
    >
      <ul>
        {Array.from(classes, (shown, i) => {
          const isRight = predicted[i] === shown
          const said = `A ${shown}, taken for a ${predicted[i]}, ${percent(certainty[i]!)} certain`
          return (
            <li key={i} class={isRight ? 'right' : 'wrong'} title={said}>
              <Image ink={images.subarray(i * side * side, (i + 1) * side * side)} side={side} label={said} />
              <span aria-hidden="true">
                <b>{predicted[i]}</b>
                <i>{isRight ? '✓' : '✗'}</i>
              </span>
            </li>
          )
        })}
      </ul>
    </Figure>
  )
}

/** Images, and what a model that is to give them back makes of them. */
export function CopiesView({ prediction }: { readonly prediction: Extract<Prediction, { kind: 'images' }> }) {
  const { side, images, made } = prediction
  const size = side * side
  return (
    <Figure title="Held-out digits and their copies" class="train-digits">
      <ul>
        {Array.from({ length: images.length / size }, (_, i) => (
          <li key={i}>
            <Image ink={images.subarray(i * size, (i + 1) * size)} side={side} label={`Digit ${i + 1}`} />
            <Image ink={made.subarray(i * size, (i + 1) * size)} side={side} label={`Its copy`} />
          </li>
        ))}
      </ul>
    </Figure>
  )
}
