/*
 * A narrow door to libjpeg-turbo's scanline API. libjpeg reports errors by longjmp, which must not cross Rust frames,
 * so every call that can fail is wrapped here and answers with a flag and a message instead.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

enum { INPUT_BYTES = 1 << 16, OUTPUT_BYTES = 1 << 16, MAX_ROWS = 64 };

#define WRITTEN(value) #value
#define TEXT(value) WRITTEN(value)

const char *ib_version(void) { return TEXT(LIBJPEG_TURBO_VERSION); }

struct failure {
    struct jpeg_error_mgr base;
    jmp_buf jump;
    int lost; /* pixels were lost to damaged data */
    int tolerant; /* bad codes are told, not counted as lost */
    char message[JMSG_LENGTH_MAX];
    char damage[JMSG_LENGTH_MAX]; /* the first bad code, if tolerated */
};

static void on_error(j_common_ptr common) {
    struct failure *failure = (struct failure *)common->err;
    failure->base.format_message(common, failure->message);
    longjmp(failure->jump, 1);
}

static void on_bad_code(j_common_ptr common) {
    struct failure *failure = (struct failure *)common->err;
    if (failure->tolerant && failure->damage[0]) return;
    failure->lost = !failure->tolerant;
    failure->base.format_message(common, failure->tolerant ? failure->damage : failure->message);
}

static void on_missing_data(j_common_ptr common) {
    struct failure *failure = (struct failure *)common->err;
    failure->lost = 1;
    failure->base.format_message(common, failure->message);
}

/* Whether data ended at a restart marker: it goes on behind it. Codes that are wrong but valid end there too late. */
static int is_at_restart(j_common_ptr common) {
    int marker = common->is_decompressor ? ((j_decompress_ptr)common)->unread_marker : 0;
    return marker >= JPEG_RST0 && marker <= JPEG_RST0 + 7;
}

/* Warnings that mean missing pixels count; stray bytes and odd headers do not. */
static void on_message(j_common_ptr common, int level) {
    struct failure *failure = (struct failure *)common->err;
    if (level >= 0 || failure->lost) return;
    switch (failure->base.msg_code) {
    case JWRN_HUFF_BAD_CODE: case JWRN_ARITH_BAD_CODE:
        on_bad_code(common);
        break;
    case JWRN_HIT_MARKER:
        if (is_at_restart(common)) on_bad_code(common);
        else on_missing_data(common);
        break;
    case JWRN_JPEG_EOF: case JWRN_MUST_RESYNC:
        on_missing_data(common);
    }
}

static struct jpeg_error_mgr *prepare(struct failure *failure) {
    jpeg_std_error(&failure->base);
    failure->base.error_exit = on_error;
    failure->base.emit_message = on_message;
    return &failure->base;
}

/* ---- decoding ---- */

typedef size_t (*read_function)(void *context, unsigned char *buffer, size_t capacity);

struct limits {
    size_t header_bytes;
    int scans;
};

struct decoder {
    struct jpeg_decompress_struct jpeg;
    struct failure failure;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    read_function read;
    void *context;
    struct limits limits;
    size_t header_bytes; /* read before the first scan */
    int started;
    unsigned char input[INPUT_BYTES];
};

struct header {
    unsigned width, height;
    int components, colour_space, precision, progressive, saw_adobe;
    unsigned char h_samples[4], v_samples[4];
};

static void refuse(struct decoder *decoder, const char *why) {
    snprintf(decoder->failure.message, sizeof decoder->failure.message, "%s", why);
    longjmp(decoder->failure.jump, 1);
}

static void start_source(j_decompress_ptr jpeg) { (void)jpeg; }

/* At the end of the file libjpeg is given an end marker; it warns, and on_message notes what that means. */
static boolean fill_input(j_decompress_ptr jpeg) {
    static const JOCTET end[2] = {0xff, JPEG_EOI};
    struct decoder *decoder = jpeg->client_data;
    size_t bytes = decoder->read(decoder->context, decoder->input, INPUT_BYTES);
    if (!decoder->started && (decoder->header_bytes += bytes) > decoder->limits.header_bytes)
        refuse(decoder, "more bytes before the first scan than any camera or scanner writes");
    if (bytes == 0) WARNMS(jpeg, JWRN_JPEG_EOF);
    jpeg->src->next_input_byte = bytes ? decoder->input : end;
    jpeg->src->bytes_in_buffer = bytes ? bytes : sizeof end;
    return TRUE;
}

static void skip_input(j_decompress_ptr jpeg, long bytes) {
    while (bytes > (long)jpeg->src->bytes_in_buffer) {
        struct decoder *decoder = jpeg->client_data;
        bytes -= (long)jpeg->src->bytes_in_buffer;
        fill_input(jpeg);
        if (decoder->failure.lost) ERREXIT(jpeg, JERR_INPUT_EOF);
    }
    if (bytes > 0) {
        jpeg->src->next_input_byte += bytes;
        jpeg->src->bytes_in_buffer -= bytes;
    }
}

static void watch_scans(j_common_ptr common) {
    struct decoder *decoder = common->client_data;
    if (decoder->jpeg.input_scan_number > decoder->limits.scans)
        refuse(decoder, "more scans than any encoder writes");
}

static int create_decoder(struct decoder *decoder) {
    decoder->jpeg.err = prepare(&decoder->failure);
    if (setjmp(decoder->failure.jump)) return 0;
    jpeg_create_decompress(&decoder->jpeg);
    decoder->jpeg.client_data = decoder;
    decoder->source.init_source = start_source;
    decoder->source.fill_input_buffer = fill_input;
    decoder->source.skip_input_data = skip_input;
    decoder->source.resync_to_restart = jpeg_resync_to_restart;
    decoder->source.term_source = start_source;
    decoder->jpeg.src = &decoder->source;
    decoder->progress.progress_monitor = watch_scans;
    decoder->jpeg.progress = &decoder->progress;
    jpeg_save_markers(&decoder->jpeg, JPEG_APP0 + 1, 0xffff);
    jpeg_save_markers(&decoder->jpeg, JPEG_APP0 + 2, 0xffff);
    return 1;
}

struct decoder *ib_decoder_new(read_function read, void *context, struct limits limits) {
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) return NULL;
    decoder->read = read;
    decoder->context = context;
    decoder->limits = limits;
    if (create_decoder(decoder)) return decoder;
    free(decoder);
    return NULL;
}

int ib_decoder_header(struct decoder *decoder, struct header *header) {
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    if (setjmp(decoder->failure.jump)) return 0;
    jpeg_read_header(jpeg, TRUE);
    header->width = jpeg->image_width;
    header->height = jpeg->image_height;
    header->components = jpeg->num_components;
    header->colour_space = jpeg->jpeg_color_space;
    header->precision = jpeg->data_precision;
    header->progressive = jpeg_has_multiple_scans(jpeg);
    header->saw_adobe = jpeg->saw_Adobe_marker;
    for (int i = 0; i < jpeg->num_components && i < 4; i++) {
        header->h_samples[i] = jpeg->comp_info[i].h_samp_factor;
        header->v_samples[i] = jpeg->comp_info[i].v_samp_factor;
    }
    return 1;
}

/* Points at the payload of the index-th saved marker of this kind (1: EXIF, XMP; 2: ICC); 0 when there is none. */
size_t ib_decoder_marker(const struct decoder *decoder, int app, unsigned index, const unsigned char **data) {
    jpeg_saved_marker_ptr marker = decoder->jpeg.marker_list;
    for (; marker; marker = marker->next) {
        if (marker->marker == JPEG_APP0 + app && index-- == 0) {
            *data = marker->data;
            return marker->data_length;
        }
    }
    return 0;
}

/* To be called before the start: decodes at half the resolution, rounded up. */
void ib_decoder_halve(struct decoder *decoder) {
    decoder->jpeg.scale_num = 1;
    decoder->jpeg.scale_denom = 2;
}

/* To be called before the start: a bad code is damage to be told, not a failure, as long as all rows come. */
void ib_decoder_tolerate(struct decoder *decoder) { decoder->failure.tolerant = 1; }

int ib_decoder_start(struct decoder *decoder, int stored_colour_space, int wanted_colour_space) {
    if (setjmp(decoder->failure.jump)) return 0;
    if (stored_colour_space >= 0) decoder->jpeg.jpeg_color_space = stored_colour_space;
    decoder->jpeg.out_color_space = wanted_colour_space;
    decoder->started = 1;
    jpeg_start_decompress(&decoder->jpeg);
    return 1;
}

/* Samples of more than 8 bits are two bytes, in the machine's own order. */
static unsigned read_some(struct decoder *decoder, void **pointers, unsigned count) {
    struct jpeg_decompress_struct *jpeg = &decoder->jpeg;
    if (jpeg->data_precision <= 8) return jpeg_read_scanlines(jpeg, (JSAMPARRAY)pointers, count);
    if (jpeg->data_precision <= 12) return jpeg12_read_scanlines(jpeg, (J12SAMPARRAY)pointers, count);
    return jpeg16_read_scanlines(jpeg, (J16SAMPARRAY)pointers, count);
}

static int read_rows(struct decoder *decoder, unsigned char *pixels, size_t stride, unsigned rows) {
    while (rows > 0) {
        void *pointers[MAX_ROWS];
        unsigned count = rows < MAX_ROWS ? rows : MAX_ROWS;
        for (unsigned i = 0; i < count; i++) pointers[i] = pixels + i * stride;
        unsigned done = read_some(decoder, pointers, count);
        if (done == 0 || decoder->failure.lost) return 0;
        pixels += done * stride;
        rows -= done;
    }
    return 1;
}

/* Reads exactly `rows` rows, or answers 0. Missing data is a failure here, not grey pixels. */
int ib_decoder_rows(struct decoder *decoder, unsigned char *pixels, size_t stride, unsigned rows) {
    if (setjmp(decoder->failure.jump)) return 0;
    return read_rows(decoder, pixels, stride, rows);
}

const char *ib_decoder_message(const struct decoder *decoder) { return decoder->failure.message; }

/* The first bad code that was tolerated; empty if there was none. */
const char *ib_decoder_damage(const struct decoder *decoder) { return decoder->failure.damage; }

void ib_decoder_free(struct decoder *decoder) {
    jpeg_destroy_decompress(&decoder->jpeg);
    free(decoder);
}

/* ---- encoding ---- */

struct encoder {
    struct jpeg_compress_struct jpeg;
    struct failure failure;
    struct jpeg_destination_mgr destination;
    unsigned char *output;
    size_t capacity;
};

static void start_destination(j_compress_ptr jpeg) { (void)jpeg; }

static boolean grow_output(j_compress_ptr jpeg) {
    struct encoder *encoder = jpeg->client_data;
    unsigned char *larger = realloc(encoder->output, encoder->capacity * 2);
    if (!larger) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
    encoder->output = larger;
    encoder->destination.next_output_byte = larger + encoder->capacity;
    encoder->destination.free_in_buffer = encoder->capacity;
    encoder->capacity *= 2;
    return TRUE;
}

static int create_encoder(struct encoder *encoder) {
    encoder->jpeg.err = prepare(&encoder->failure);
    if (setjmp(encoder->failure.jump)) return 0;
    jpeg_create_compress(&encoder->jpeg);
    encoder->jpeg.client_data = encoder;
    encoder->destination.init_destination = start_destination;
    encoder->destination.empty_output_buffer = grow_output;
    encoder->destination.term_destination = start_destination;
    encoder->jpeg.dest = &encoder->destination;
    encoder->destination.next_output_byte = encoder->output;
    encoder->destination.free_in_buffer = encoder->capacity;
    return 1;
}

struct encoder *ib_encoder_new(void) {
    struct encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) return NULL;
    encoder->capacity = OUTPUT_BYTES;
    encoder->output = malloc(encoder->capacity);
    if (encoder->output && create_encoder(encoder)) return encoder;
    free(encoder->output);
    free(encoder);
    return NULL;
}

struct encoding {
    unsigned width, height;
    int components, quality, subsampled, optimised, progressive;
};

int ib_encoder_start(struct encoder *encoder, const struct encoding *encoding) {
    struct jpeg_compress_struct *jpeg = &encoder->jpeg;
    int colour = encoding->components == 3;
    if (setjmp(encoder->failure.jump)) { jpeg_abort_compress(jpeg); return 0; }
    encoder->destination.next_output_byte = encoder->output;
    encoder->destination.free_in_buffer = encoder->capacity;
    jpeg->image_width = encoding->width;
    jpeg->image_height = encoding->height;
    jpeg->input_components = encoding->components;
    jpeg->in_color_space = colour ? JCS_RGB : JCS_GRAYSCALE;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, encoding->quality, TRUE);
    if (colour) jpeg->comp_info[0].h_samp_factor = jpeg->comp_info[0].v_samp_factor = encoding->subsampled ? 2 : 1;
    jpeg->optimize_coding = encoding->optimised;
    if (encoding->progressive) jpeg_simple_progression(jpeg);
    jpeg_start_compress(jpeg, TRUE);
    return 1;
}

static void write_rows(struct encoder *encoder, const unsigned char *pixels, size_t stride, unsigned rows) {
    while (rows > 0) {
        JSAMPROW pointers[MAX_ROWS];
        unsigned count = rows < MAX_ROWS ? rows : MAX_ROWS;
        for (unsigned i = 0; i < count; i++) pointers[i] = (JSAMPROW)(pixels + i * stride);
        unsigned done = jpeg_write_scanlines(&encoder->jpeg, pointers, count);
        pixels += done * stride;
        rows -= done;
    }
}

int ib_encoder_rows(struct encoder *encoder, const unsigned char *pixels, size_t stride, unsigned rows) {
    if (setjmp(encoder->failure.jump)) { jpeg_abort_compress(&encoder->jpeg); return 0; }
    write_rows(encoder, pixels, stride, rows);
    return 1;
}

int ib_encoder_finish(struct encoder *encoder) {
    if (setjmp(encoder->failure.jump)) { jpeg_abort_compress(&encoder->jpeg); return 0; }
    jpeg_finish_compress(&encoder->jpeg);
    return 1;
}

/* Hands over what was encoded since the last call; valid until the encoder is used again. */
size_t ib_encoder_take(struct encoder *encoder, const unsigned char **data) {
    size_t bytes = encoder->capacity - encoder->destination.free_in_buffer;
    *data = encoder->output;
    encoder->destination.next_output_byte = encoder->output;
    encoder->destination.free_in_buffer = encoder->capacity;
    return bytes;
}

const char *ib_encoder_message(const struct encoder *encoder) { return encoder->failure.message; }

void ib_encoder_free(struct encoder *encoder) {
    jpeg_destroy_compress(&encoder->jpeg);
    free(encoder->output);
    free(encoder);
}
