// What differs from Debezium 3.5, each with its reason; everything else must be the same.
import { at, type KnownDifference } from '../debezium-common/known.ts'

const SCHEMA = /^ref(-history)?\[.*\](\.value(\.payload)?)?/s
const schema = (rest: RegExp) => at(new RegExp(SCHEMA.source + rest.source, 's'))

export const KNOWN: readonly KnownDifference[] = [
  {
    why: 'There the schemas of databases that are not captured are told and kept, too.',
    fits: (one) => /^ref(-history)?(\[elsewhere: |: records$)/.test(one.at) || /ALTER TABLE elsewhere/.test(one.at),
  },
  {
    why: 'A statement that changes several tables stays one; there it becomes one for each table, in other words.',
    fits: schema(
      /(?<=\[inventory: (RENAME TABLE swap_|DROP TABLE (IF EXISTS )?`(inventory`\.`)?(to_drop|not_there)).*)$/,
    ),
  },
  {
    why: 'Statements are told as they were written; there without their comments, of which some hold partitions.',
    fits: (one) =>
      /with_comments ADD COLUMN b int( # at the end)?\]$/.test(one.at) ||
      (/\[inventory: .*CREATE TABLE .*\]$/s.test(one.at) && ['none', 'a record'].includes(String(one.theirs))),
  },
  {
    why: 'Statements that change no table are no schema changes.',
    fits: schema(/(?<=\[inventory: (ROLLBACK TO |FLUSH TABLES|DROP EVENT|CREATE DEFINER=\S+ EVENT).*)$/),
  },
  {
    why: 'Quotes that stand doubled in a statement are one in what it says; there both stay.',
    fits: (one) => typeof one.theirs === 'string' && one.theirs.replaceAll("''", "'") === one.ours,
  },
  {
    why: 'The server shows bytes of a default as text; the zero byte among them is one here, a backslash and a digit there.',
    fits: (one) =>
      /\.fields\.w\.default$/.test(one.at) || (typeof one.theirs === 'string' && one.theirs.startsWith('\\0')),
  },
  {
    why: 'A computed column is generated; there only one that counts up.',
    fits: at(/\.columns\.\d+\.generated$/),
  },
  {
    why: 'Whether null is the default of a column after an alteration has no meaning for a schema, and follows its definition here.',
    fits: schema(/\.tableChanges\.\d\.table\.columns\.\d+\.hasDefaultValue$/),
  },
  {
    why: 'The rows of a transaction before a statement are not counted for it.',
    fits: schema(/\.source\.row$/),
  },
  {
    why: 'CREATE UNIQUE INDEX may make a key, so that it is a change of its table.',
    fits: schema(/(?<=CREATE UNIQUE INDEX.*)\.(source\.table|tableChanges\.0)$/),
  },
  {
    why: 'ALTER DATABASE changes no table, and none is named.',
    fits: schema(/(?<=ALTER DATABASE.*)\.source\.table$/),
  },
  {
    why: 'A table like another has its comment.',
    fits: schema(/(?<=LIKE evolving.*)(\.tableChanges\.0(\.table)?)?\.comment$/),
  },
  {
    why: 'The default character set that ALTER TABLE gives is not seen there, so that text of columns added later cannot be read.',
    fits: (one) =>
      /TABLE latin .*(defaultCharsetName|charsetName)$/s.test(one.at) ||
      /^ref\.inventory\.latin\[\d+\].*\.c$/.test(one.at),
  },
  {
    why: 'A renamed table has its name of before, by whatever statement it was renamed.',
    fits: schema(/(?<=RENAME.*)\.tableChanges\.0\.previousId$/),
  },
  {
    why: 'The default of an unsigned 64-bit column is the number with the same bits, as its values are; there the greatest signed one.',
    fits: at(/\.fields\.u\.default$/),
  },
  {
    why: 'FLOAT4 is a float as FLOAT is; there a double, whose values are null in the stream.',
    fits: at(/^ref\.inventory\.strange\[\d+\].*\.i(\.type)?$/),
  },
  {
    why: 'Texts of the stream are read as the server reads them; there hp8, swe7, armscii8, keybcs2, koi8u and cp932 are taken for others.',
    fits: at(/^ref\.inventory\.t_charsets\[\d+\].*\.c_(hp8|swe7|armscii8|keybcs2|koi8u|cp932)$/),
  },
  {
    why: 'A comma in an option of an ENUM stands for itself in values; there behind a backslash in the stream.',
    fits: (one) => /\.e2$/.test(one.at) && one.theirs === 'co\\,mma',
  },
  {
    why: 'A FLOAT of a snapshot has all its digits; there the six that the server shows.',
    fits: at(/^ref\.inventory\.t_floats\[\d+\].*\.(f|f24)$/),
  },
  {
    why: 'TIMESTAMP(n) has n digits in snapshot and stream; there a snapshot leaves out zeros at the end.',
    fits: (one) =>
      /^ref\.inventory\.t_fractions\[\d+\].*\.ts\d$/.test(one.at) &&
      String(one.ours).replace(/\.?0+Z$/, 'Z') === String(one.theirs),
  },
  {
    why: 'A zero TIMESTAMP is null, or the epoch where null is not allowed, in snapshot and stream; there in a snapshot the default, and in the stream the epoch.',
    fits: at(/^ref\.inventory\.t_zeros\[\d+\].*\.(ts|tsn)$/),
  },
]

/** What only MySQL 5.5 shows. */
export const KNOWN_OF_OLD: readonly KnownDifference[] = [
  {
    why: 'Times below zero in the form of before MySQL 5.6 are other times there.',
    fits: (one) => /\.(tm|l)$/.test(one.at) && Number(one.theirs) > 0 && Number(one.ours) < 0,
  },
]
