import { GraphError } from '../ir/errors'
import { quoted } from '../ir/names-of'
import type { AnyLayer } from './layer'
import { title } from './title'

const nameOf = ([key, part]: readonly [string, AnyLayer]): string => part.state.name ?? key

/**
 * Under which name the weights of a part appear: its own where it was given one, and else its key among the parts. Throws where
 * another part has that name.
 */
export function partName(layer: AnyLayer, part: AnyLayer): string {
  const parts = Object.entries(layer.state.parts)
  const own = parts.find(([, one]) => one === part)
  if (!own) return part.name
  const name = nameOf(own)
  if (parts.some((other) => other[1] !== part && nameOf(other) === name))
    throw new GraphError(
      `${title(layer)}: two of its parts (${Object.keys(layer.state.parts).join(', ')}) have the name ${quoted(name)}, under which ` +
        `their weights appear; leave it out for that of their keys, or give each one of its own`,
    )
  return name
}
