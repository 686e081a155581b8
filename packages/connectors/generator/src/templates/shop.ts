// A shop: orders, products, stock, purchases, payments.
import { Decimal, decimalBuilder, Schemas } from '@millrace/api'
import { CITIES } from './people.ts'
import { int32, struct, type Template } from './template.ts'

const { FLOAT64, INT32, INT64, STRING } = Schemas
/** The time span of generated events: about a year, in milliseconds since the epoch. */
const EVENT_TIME = { from: 1_487_715_775_521, to: 1_519_273_364_600 }

const ADDRESS = struct('ksql.address', { city: STRING, state: STRING, zipcode: INT64 })

export const orders: Template = {
  schema: struct('ksql.orders', {
    ordertime: INT64,
    orderid: INT32,
    itemid: STRING,
    orderunits: FLOAT64,
    address: ADDRESS,
  }),
  keyField: 'orderid',
  make: (random, index) => ({
    ordertime: random.long(EVENT_TIME.from, EVENT_TIME.to),
    orderid: int32(index),
    itemid: `Item_${random.int(1, 999)}`,
    orderunits: random.double(0.1, 10),
    address: {
      city: `City_${random.int(1, 99)}`,
      state: `State_${random.int(1, 99)}`,
      zipcode: random.int(10_000, 99_999),
    },
  }),
}

const ADJECTIVES = [
  'compact',
  'folding',
  'heavy',
  'light',
  'plain',
  'quiet',
  'round',
  'soft',
  'sturdy',
  'warm',
] as const
const THINGS = ['basket', 'bench', 'blanket', 'bottle', 'kettle', 'ladder', 'lamp', 'mirror', 'shelf', 'stool'] as const

export const product: Template = {
  schema: struct('ksql.product', { id: INT64, name: STRING, description: STRING, price: FLOAT64 }),
  keyField: 'id',
  make: (random, id) => {
    const name = `${random.pick(ADJECTIVES)} ${random.pick(THINGS)}`
    return { id, name, description: `A ${name}, model ${random.int(100, 999)}`, price: random.double(1, 200) }
  },
}

export const inventory: Template = {
  schema: struct('ksql.inventory', { id: INT64, quantity: INT64, productid: INT64 }),
  keyField: 'id',
  make: (random, id) => ({ id, quantity: random.int(0, 500), productid: random.int(0, 999) }),
}

const ITEM_TYPES = [
  'blanket',
  'boots',
  'bottle',
  'chair',
  'clock',
  'guitar',
  'kettle',
  'lamp',
  'scarf',
  'table',
] as const

export const purchases: Template = {
  schema: struct('datagen.example.purchase', {
    id: INT64,
    item_type: STRING,
    quantity: INT64,
    price_per_unit: decimalBuilder(2).build(),
  }),
  keyField: 'id',
  make: (random, id) => ({
    id,
    item_type: random.pick(ITEM_TYPES),
    quantity: random.int(1, 10),
    price_per_unit: new Decimal(BigInt(random.int(1_000, 5_000)), 2),
  }),
}

export const transactions: Template = {
  schema: struct('datagen.example.transactions', {
    transaction_id: INT64,
    card_id: INT64,
    user_id: STRING,
    purchase_id: INT64,
    store_id: INT32,
  }),
  keyField: 'transaction_id',
  make: (random, index) => ({
    transaction_id: index + 1,
    card_id: random.int(1, 24),
    user_id: `User_${random.int(1, 9)}`,
    purchase_id: index,
    store_id: random.int(1, 7),
  }),
}

export const stores: Template = {
  schema: struct('datagen.example.stores', { store_id: INT32, city: STRING, state: STRING }),
  keyField: 'store_id',
  make: (random) => {
    const store_id = random.int(1, 7)
    return { store_id, city: CITIES[store_id]!, state: `S${store_id}` }
  },
}

export const credit_cards: Template = {
  schema: struct('datagen.example.users', { card_id: INT32, card_number: INT64, cvv: INT32, expiration_date: STRING }),
  keyField: 'card_id',
  make: (random) => {
    const card_id = random.int(1, 24)
    // Numbers of no issuer: the first digit 0 is assigned to none, so they have fifteen digits.
    return {
      card_id,
      card_number: random.long(100_000_000_000_000, 999_999_999_999_999),
      cvv: random.int(100, 999),
      expiration_date: `${String(random.int(1, 12)).padStart(2, '0')}/${random.int(27, 32)}`,
    }
  },
}
