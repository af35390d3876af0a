import { fault, inspection } from '../state/store'

/** What is wrong with the model, all lines of it; announced when it changes. */
export function FaultText() {
  const wrong = fault.value
  return (
    <div class="fault" role="status" aria-live="polite" data-shown={wrong !== undefined}>
      {wrong && (
        <>
          <strong>{wrong.line === undefined ? 'The model has an error' : `Error in line ${wrong.line}`}</strong>
          <pre>{wrong.message}</pre>
          {inspection.value && <p>Graph and code are those of the last model that compiled.</p>}
        </>
      )}
    </div>
  )
}
