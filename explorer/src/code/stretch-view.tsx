import { useComputed, useSignal } from '@preact/signals'
import { memo } from 'preact/compat'
import { useEffect, useRef } from 'preact/hooks'
import { marks, pickedMarks } from '../state/pointing'
import type { Stretch } from './stretches'
import { tokensOf } from './tokens'

export interface StretchProps {
  readonly stretch: Stretch
  readonly language: 'js' | 'wasm'
  /** Kernels by the names of their functions, for calls of them. */
  readonly byName: ReadonlyMap<string, number>
}

/** A stretch of code. It is plain text until it comes near the window: long programs have thousands of lines. */
export const StretchView = memo(({ stretch, language, byName }: StretchProps) => {
  const { text, kernels, first } = stretch
  const part = kernels[0]?.part
  const lit = useComputed(() => kernels.some((k) => marks.value.kernels.has(k.id)))
  const picked = useComputed(() => kernels.some((k) => pickedMarks.value.kernels.has(k.id)))
  const element = useRef<HTMLElement>(null)
  const isNear = useSignal(false)
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry!.isIntersecting) return
        isNear.value = true
        observer.disconnect()
      },
      { rootMargin: '400px' },
    )
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [isNear])
  const lineCount = text.split('\n').length
  const body = (
    <>
      <span class="numbers" aria-hidden="true">
        {Array.from({ length: lineCount }, (_, i) => first + i).join('\n')}
      </span>
      <code>
        {isNear.value ? <Tokens text={text} language={language} byName={byName} isStep={kernels.length === 0} /> : text}
      </code>
    </>
  )
  const style = { containIntrinsicBlockSize: `${lineCount * 1.5}em` }
  if (part === undefined)
    return (
      <pre ref={element as never} class="stretch" style={style}>
        {body}
      </pre>
    )
  return (
    <pre
      ref={element as never}
      class={`stretch kernel ${part}`}
      style={style}
      role="group"
      tabIndex={0}
      aria-label={`${part} kernel ${kernels.map((k) => k.name).join(', ')}`}
      data-kernel={kernels[0]!.id}
      data-lit={lit}
      data-picked={picked}
    >
      {body}
    </pre>
  )
})

interface TokensProps {
  readonly text: string
  readonly language: 'js' | 'wasm'
  readonly byName: ReadonlyMap<string, number>
  /** Whether calls of kernels lead to them. */
  readonly isStep: boolean
}

const Tokens = memo(({ text, language, byName, isStep }: TokensProps) => (
  <>
    {tokensOf(text, language).map(({ text, kind }, i) => {
      if (kind === undefined) return text
      const kernel = isStep && kind === 'call' ? byName.get(text.replace(/^\$/, '')) : undefined
      return (
        <span key={i} class={`tok-${kind}`} data-kernel={kernel}>
          {text}
        </span>
      )
    })}
  </>
))
