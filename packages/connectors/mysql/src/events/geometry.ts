// Geometry columns: MySQL keeps four bytes of SRID before the WKB.
import { SchemaBuilder } from '@millrace/api'
import { PLAIN_FORMS } from '../binlog/column-forms.ts'
import type { ColumnValues } from './column-values.ts'

const SRID_LENGTH = 4
/** Byte order, type, x, y. */
const POINT_LENGTH = 21

export function geometryForm(typeName: string): ColumnValues {
  return typeName === 'POINT'
    ? { builder: point, forms: { ...PLAIN_FORMS, geometry: pointOf, bytes: pointOf }, fallback: EMPTY_POINT }
    : {
        builder: geometry,
        forms: { ...PLAIN_FORMS, geometry: geometryOf, bytes: geometryOf },
        fallback: EMPTY_GEOMETRY,
      }
}

function geometry(): SchemaBuilder {
  return SchemaBuilder.struct()
    .name('io.debezium.data.geometry.Geometry')
    .version(1)
    .doc('Geometry')
    .field('wkb', SchemaBuilder.bytes().build())
    .field('srid', SchemaBuilder.int32().optional().build())
}

function point(): SchemaBuilder {
  return SchemaBuilder.struct()
    .name('io.debezium.data.geometry.Point')
    .version(1)
    .doc('Geometry (POINT)')
    .field('x', SchemaBuilder.float64().build())
    .field('y', SchemaBuilder.float64().build())
    .field('wkb', SchemaBuilder.bytes().optional().build())
    .field('srid', SchemaBuilder.int32().optional().build())
}

function parts(value: Buffer): { wkb: Buffer; srid: number | null } {
  const srid = value.readInt32LE(0)
  return { wkb: Buffer.from(value.subarray(SRID_LENGTH)), srid: srid === 0 ? null : srid }
}

function geometryOf(value: Buffer): unknown {
  return parts(value)
}

function pointOf(value: Buffer): unknown {
  const { wkb, srid } = parts(value)
  if (wkb.length < POINT_LENGTH) return null
  const little = wkb[0] === 1
  const read = (at: number) => (little ? wkb.readDoubleLE(at) : wkb.readDoubleBE(at))
  return { x: read(5), y: read(13), wkb, srid }
}

const EMPTY_WKB = Buffer.from('010700000000000000', 'hex')
const EMPTY_GEOMETRY = { wkb: EMPTY_WKB, srid: null }
const EMPTY_POINT = { x: 0, y: 0, wkb: null, srid: null }
