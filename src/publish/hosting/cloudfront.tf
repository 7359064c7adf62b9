# Written by `iiif-build hosting cloudfront`: what template.yaml beside it makes, for Terraform. A bucket that nobody but
# the distribution reads, CORS for viewers on any other host, and a policy for whoever deploys.
#
#   terraform init
#   terraform apply -var bucket=scans-example-org
#
# For a host name of your own give host_name and certificate_arn (a certificate of ACM in us-east-1); without them the
# site is at the distribution's own name.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "bucket" {
  type        = string
  description = "Name of the bucket; no other in the world may have it"
}

variable "host_name" {
  type    = string
  default = ""
}

variable "certificate_arn" {
  type    = string
  default = ""
}

locals {
  has_host_name = var.host_name != ""
  # Names of policies, functions and the like may not hold dots.
  name = replace(var.bucket, ".", "-")
}

resource "aws_s3_bucket" "site" {
  bucket = var.bucket

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "site" {
  bucket                  = aws_s3_bucket.site.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "site" {
  bucket = aws_s3_bucket.site.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

# Answers preflights; what readers get besides is in the response headers policy.
resource "aws_s3_bucket_cors_configuration" "site" {
  bucket = aws_s3_bucket.site.id

  cors_rule {
    allowed_origins = ["*"]
    allowed_methods = ["GET", "HEAD"]
    allowed_headers = ["*"]
    max_age_seconds = 86400
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "site" {
  bucket = aws_s3_bucket.site.id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_policy" "site" {
  bucket     = aws_s3_bucket.site.id
  depends_on = [aws_s3_bucket_public_access_block.site]

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TheDistributionReads"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.site.arn}/{{ prefix }}*"
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.site.arn } }
      },
      {
        # What is known of the last deploy is not for readers.
        Sid       = "ButNoNotes"
        Effect    = "Deny"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = ["${aws_s3_bucket.site.arn}/.iiif-build/*", "${aws_s3_bucket.site.arn}/*/.iiif-build/*"]
      },
      {
        Sid       = "OnlyEncrypted"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.site.arn, "${aws_s3_bucket.site.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_cloudfront_origin_access_control" "site" {
  name                              = local.name
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "cors" {
  name = local.name

  # Pages use nothing from elsewhere, and no script or style that is written into them.
  security_headers_config {
    content_security_policy {
      content_security_policy = "{{ policy }}"
      override                = true
    }
  }

  cors_config {
    access_control_allow_credentials = false
    access_control_max_age_sec       = 86400
    origin_override                  = true

    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = ["GET", "HEAD", "OPTIONS"]
    }

    access_control_allow_origins {
      items = ["*"]
    }

    access_control_expose_headers {
      items = ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"]
    }
  }
}
{%- if viewers %}

resource "aws_cloudfront_response_headers_policy" "viewers" {
  name = "${local.name}-viewers"

  # Other viewers write styles into their pages while they run.
  security_headers_config {
    content_security_policy {
      content_security_policy = "{{ viewers.policy }}"
      override                = true
    }
  }

  cors_config {
    access_control_allow_credentials = false
    access_control_max_age_sec       = 86400
    origin_override                  = true

    access_control_allow_headers {
      items = ["*"]
    }

    access_control_allow_methods {
      items = ["GET", "HEAD", "OPTIONS"]
    }

    access_control_allow_origins {
      items = ["*"]
    }

    access_control_expose_headers {
      items = ["Accept-Ranges", "Content-Length", "Content-Range", "ETag"]
    }
  }
}
{%- endif %}

resource "aws_cloudfront_function" "addresses" {
  name    = "${local.name}-addresses"
  comment = "A bare image id to its info.json, folders to their pages"
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${path.module}/function.js")
}

# Managed-CachingOptimized, which keeps things as long as they say.
data "aws_cloudfront_cache_policy" "as_told" {
  name = "Managed-CachingOptimized"
}

# So that the bucket sees preflights as such.
data "aws_cloudfront_origin_request_policy" "cors" {
  name = "Managed-CORS-S3Origin"
}

resource "aws_cloudfront_distribution" "site" {
  enabled         = true
  comment         = var.bucket
  http_version    = "http2and3"
  is_ipv6_enabled = true
  price_class     = "PriceClass_100"
  aliases         = local.has_host_name ? [var.host_name] : []

  origin {
    origin_id                = "bucket"
    domain_name              = aws_s3_bucket.site.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.site.id
  }

  default_cache_behavior {
    target_origin_id           = "bucket"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.as_told.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.cors.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.cors.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.addresses.arn
    }
  }
{%- for pattern in renamed %}

  # An old name of what there is under another.
  ordered_cache_behavior {
    path_pattern               = "{{ base }}{{ pattern }}"
    target_origin_id           = "bucket"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = false
    cache_policy_id            = data.aws_cloudfront_cache_policy.as_told.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.cors.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.cors.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.addresses.arn
    }
  }
{%- endfor %}
{%- if viewers %}
{%- for folder in viewers.folders %}

  # Another viewer, with a policy of its own.
  ordered_cache_behavior {
    path_pattern               = "{{ base }}{{ folder }}/*"
    target_origin_id           = "bucket"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.as_told.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.cors.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.viewers.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.addresses.arn
    }
  }
{%- endfor %}
{%- endif %}

  # Without the function, which is billed by the request.
  ordered_cache_behavior {
    path_pattern               = "{{ base }}iiif/*/0/*.*"
    target_origin_id           = "bucket"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = false
    cache_policy_id            = data.aws_cloudfront_cache_policy.as_told.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.cors.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.cors.id
  }

  # A bucket that nobody may list says 403 of what is not there.
  dynamic "custom_error_response" {
    for_each = [403, 404]

    content {
      error_code            = custom_error_response.value
      response_code         = 404
      response_page_path    = "{{ base }}404.html"
      error_caching_min_ttl = 10
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = !local.has_host_name
    acm_certificate_arn            = local.has_host_name ? var.certificate_arn : null
    ssl_support_method             = local.has_host_name ? "sni-only" : null
    minimum_protocol_version       = local.has_host_name ? "TLSv1.2_2021" : null
  }
}

# For a person, or a role of CI: no more than a deploy needs.
resource "aws_iam_policy" "deploy" {
  name        = "${local.name}-deploy"
  description = "Deploys a static IIIF site"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:ListBucketMultipartUploads"]
        Resource = aws_s3_bucket.site.arn
      },
      {
        Effect = "Allow"
        Action = [
          "s3:GetObject",
          "s3:PutObject",
          "s3:DeleteObject",
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts",
        ]
        Resource = "${aws_s3_bucket.site.arn}/*"
      },
      {
        Effect   = "Allow"
        Action   = ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"]
        Resource = aws_cloudfront_distribution.site.arn
      },
    ]
  })
}

output "bucket" {
  value = aws_s3_bucket.site.id
}

output "distribution" {
  value = aws_cloudfront_distribution.site.id
}

# What the host name of your own is to lead to, as a CNAME.
output "distribution_name" {
  value = aws_cloudfront_distribution.site.domain_name
}

output "address" {
  value = "https://${local.has_host_name ? var.host_name : aws_cloudfront_distribution.site.domain_name}{{ base }}"
}

output "deploy_policy" {
  value = aws_iam_policy.deploy.arn
}
