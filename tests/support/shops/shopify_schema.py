"""The part of Shopify's Admin schema 2026-07 that a product is read by, as its documentation tells it."""

SDL = """
scalar DateTime
scalar HTML
scalar Money
scalar URL
scalar UnsignedInt64

type Query {
  shop: Shop!
  product(id: ID!): Product
  nodes(ids: [ID!]!): [Node]!
  products(
    first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    sortKey: ProductSortKeys = ID, query: String
  ): ProductConnection!
  deletionEvents(
    first: Int, after: String, reverse: Boolean = false, sortKey: DeletionEventSortKeys = ID,
    query: String, subjectTypes: [DeletionEventSubjectType!]
  ): DeletionEventConnection! @deprecated
  bulkOperation(id: ID!): BulkOperation
}
type Mutation {
  bulkOperationRunQuery(query: String!, groupObjects: Boolean! = false): BulkOperationRunQueryPayload
}

interface Node { id: ID! }
enum ProductSortKeys { CREATED_AT ID PRODUCT_TYPE PUBLISHED_AT RELEVANCE TITLE UPDATED_AT VENDOR }
enum DeletionEventSortKeys { CREATED_AT ID RELEVANCE }
enum DeletionEventSubjectType { COLLECTION PRODUCT }
enum ProductStatus { ACTIVE ARCHIVED DRAFT UNLISTED }
enum ProductVariantInventoryPolicy { CONTINUE DENY }
enum CurrencyCode { EUR USD }

type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Shop { name: String! currencyCode: CurrencyCode! }
type TaxonomyCategory implements Node { id: ID! name: String! fullName: String! }
type SelectedOption { name: String! value: String! }
type Image { id: ID url: URL! altText: String }

type Product implements Node {
  id: ID!
  title: String!
  handle: String!
  status: ProductStatus!
  descriptionHtml: HTML!
  vendor: String!
  productType: String!
  tags: [String!]!
  onlineStoreUrl: URL
  updatedAt: DateTime!
  publishedAt: DateTime
  category: TaxonomyCategory
  collections(first: Int, after: String): CollectionConnection!
  metafields(first: Int, after: String, namespace: String, keys: [String!]): MetafieldConnection!
  media(first: Int, after: String): MediaConnection!
  variants(first: Int, after: String): ProductVariantConnection!
}
type ProductVariant implements Node {
  id: ID!
  title: String!
  sku: String
  barcode: String
  price: Money!
  compareAtPrice: Money
  inventoryQuantity: Int
  inventoryPolicy: ProductVariantInventoryPolicy!
  availableForSale: Boolean!
  selectedOptions: [SelectedOption!]!
  image: Image
}
type Collection implements Node { id: ID! title: String! handle: String! }
type Metafield implements Node { id: ID! namespace: String! key: String! type: String! value: String! }
interface Media { id: ID! alt: String }
type MediaImage implements Node & Media { id: ID! alt: String image: Image }
type Video implements Node & Media { id: ID! alt: String filename: String! }
type DeletionEvent { occurredAt: DateTime! subjectId: ID! subjectType: DeletionEventSubjectType! }

type ProductConnection { edges: [ProductEdge!]! nodes: [Product!]! pageInfo: PageInfo! }
type ProductEdge { cursor: String! node: Product! }
type CollectionConnection { edges: [CollectionEdge!]! nodes: [Collection!]! pageInfo: PageInfo! }
type CollectionEdge { cursor: String! node: Collection! }
type MetafieldConnection { edges: [MetafieldEdge!]! nodes: [Metafield!]! pageInfo: PageInfo! }
type MetafieldEdge { cursor: String! node: Metafield! }
type MediaConnection { edges: [MediaEdge!]! nodes: [Media!]! pageInfo: PageInfo! }
type MediaEdge { cursor: String! node: Media! }
type ProductVariantConnection { edges: [ProductVariantEdge!]! nodes: [ProductVariant!]! pageInfo: PageInfo! }
type ProductVariantEdge { cursor: String! node: ProductVariant! }
type DeletionEventConnection { edges: [DeletionEventEdge!]! nodes: [DeletionEvent!]! pageInfo: PageInfo! }
type DeletionEventEdge { cursor: String! node: DeletionEvent! }

enum BulkOperationStatus { CANCELED CANCELING COMPLETED CREATED EXPIRED FAILED RUNNING }
enum BulkOperationErrorCode { ACCESS_DENIED INTERNAL_SERVER_ERROR TIMEOUT }
enum BulkOperationUserErrorCode { INVALID LIMIT_REACHED OPERATION_IN_PROGRESS }
type BulkOperation implements Node {
  id: ID!
  status: BulkOperationStatus!
  errorCode: BulkOperationErrorCode
  objectCount: UnsignedInt64!
  rootObjectCount: UnsignedInt64!
  fileSize: UnsignedInt64
  url: URL
  partialDataUrl: URL
}
type BulkOperationUserError { code: BulkOperationUserErrorCode field: [String!] message: String! }
type BulkOperationRunQueryPayload { bulkOperation: BulkOperation userErrors: [BulkOperationUserError!]! }
"""
