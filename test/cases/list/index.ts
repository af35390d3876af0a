import type { Case } from '../case'
import { cases as bnm } from './bnm'
import { cases as brc } from './brc'
import { cases as cmp } from './cmp'
import { cases as emp } from './emp'
import { cases as geo } from './geo'
import { cases as hod } from './hod'
import { cases as idx } from './idx'
import { cases as int } from './int'
import { cases as los } from './los'
import { cases as nan } from './nan'
import { cases as opt } from './opt'
import { cases as red } from './red'
import { cases as rnd } from './rnd'
import { cases as rnn } from './rnn'
import { cases as runs } from './run'
import { cases as sav } from './sav'
import { cases as stb } from './stb'
import { cases as tie } from './tie'
import { cases as whr } from './whr'
import { cases as zer } from './zer'

export const cases: readonly Case[] = [
  ...whr,
  ...tie,
  ...zer,
  ...stb,
  ...idx,
  ...geo,
  ...brc,
  ...red,
  ...int,
  ...emp,
  ...nan,
  ...bnm,
  ...opt,
  ...rnn,
  ...los,
  ...rnd,
  ...cmp,
  ...sav,
  ...hod,
  ...runs,
]
