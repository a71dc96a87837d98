import com.helger.base.state.ETriState;
import com.helger.collection.commons.ICommonsList;
import com.helger.http.header.HttpHeaderMap;
import com.helger.peppol.sbdh.PeppolSBDHData;
import com.helger.peppol.sbdh.PeppolSBDHDataReadException;
import com.helger.peppol.sbdh.PeppolSBDHDataReader;
import com.helger.peppolid.factory.PeppolIdentifierFactory;
import com.helger.phase4.attachment.WSS4JAttachment;
import com.helger.phase4.ebms3header.Ebms3Property;
import com.helger.phase4.ebms3header.Ebms3SignalMessage;
import com.helger.phase4.ebms3header.Ebms3UserMessage;
import com.helger.phase4.error.AS4ErrorList;
import com.helger.phase4.incoming.IAS4IncomingMessageMetadata;
import com.helger.phase4.incoming.IAS4IncomingMessageState;
import com.helger.phase4.incoming.spi.AS4MessageProcessorResult;
import com.helger.phase4.incoming.spi.AS4SignalMessageProcessorResult;
import com.helger.phase4.incoming.spi.IAS4IncomingMessageProcessorSPI;
import com.helger.phase4.model.error.EEbmsError;
import com.helger.phase4.model.pmode.IPMode;
import com.helger.security.certificate.CertificateHelper;
import com.helger.security.certificate.ECertificateCheckResult;
import com.helger.security.certificate.TrustedCAChecker;
import com.helger.security.revocation.ERevocationCheckMode;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.w3c.dom.Node;

/**
 * What phase4 calls with a message that it verified and decrypted: looks at it as the Peppol profile says, and says what it kept.
 *
 * <p>Refuses, as EBMS:0004, what is not signed and encrypted, has a signer of another CA or with another name than its party, not
 * exactly one payload, or an SBDH that Peppol's own library refuses or that speaks of another message.
 */
public final class Kept implements IAS4IncomingMessageProcessorSPI {
    private static TrustedCAChecker trusted;

    static void trust(String path) throws IOException, GeneralSecurityException {
        try (InputStream file = new FileInputStream(path)) {
            trusted = new TrustedCAChecker((X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
    }

    @Override
    public AS4MessageProcessorResult processAS4UserMessage(
            IAS4IncomingMessageMetadata metadata,
            HttpHeaderMap headers,
            Ebms3UserMessage message,
            IPMode mode,
            Node payload,
            ICommonsList<WSS4JAttachment> attachments,
            IAS4IncomingMessageState state,
            AS4ErrorList errors) {
        List<String> problems = new ArrayList<>();
        Line line = Line.of("received").with("message_id", state.getMessageID());
        judgeSigner(message, state, line, problems);
        if (attachments == null || attachments.size() != 1) {
            problems.add("not exactly one payload");
        } else {
            judgeDocument(attachments.get(0), message, line, problems);
        }
        line.with("problems", problems).print();
        if (problems.isEmpty()) {
            return AS4MessageProcessorResult.createSuccess();
        }
        errors.add(EEbmsError.EBMS_OTHER
                .errorBuilder(state.getLocale())
                .refToMessageInError(state.getMessageID())
                .errorDetail(String.join("; ", problems))
                .build());
        return AS4MessageProcessorResult.createFailure();
    }

    private static void judgeSigner(Ebms3UserMessage message, IAS4IncomingMessageState state, Line line, List<String> problems) {
        X509Certificate signer = state.getSigningCertificate();
        if (!state.isSoapSignatureChecked() || !state.isSoapDecrypted() || signer == null) {
            problems.add("not signed and encrypted");
            return;
        }
        ECertificateCheckResult found =
                trusted.checkCertificate(signer, OffsetDateTime.now(), ETriState.FALSE, ERevocationCheckMode.NONE);
        if (found.isInvalid()) {
            problems.add("signer: " + found.getReason());
        }
        String party = message.getPartyInfo().getFrom().getPartyIdAtIndex(0).getValue();
        if (!party.equals(CertificateHelper.getSubjectCN(signer))) {
            problems.add("the signer is not " + party);
        }
        line.with("signer", CertificateHelper.getSubjectCN(signer));
        line.with("signed_by", String.valueOf(state.getSigningCertificateReferenceType()));
        line.with("encrypted_by", String.valueOf(state.getDecryptingCertificateReferenceType()));
    }

    private static void judgeDocument(WSS4JAttachment attachment, Ebms3UserMessage message, Line line, List<String> problems) {
        try (InputStream source = attachment.getSourceStream()) {
            byte[] document = source.readAllBytes();
            line.with("sha256", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(document)));
            line.with("size", document.length);
            PeppolSBDHData header = new PeppolSBDHDataReader(PeppolIdentifierFactory.INSTANCE)
                    .extractData(new ByteArrayInputStream(document));
            line.with("instance_id", header.getInstanceIdentifier());
            line.with("country", header.getCountryC1());
            same("action", message.getCollaborationInfo().getAction(), header.getDocumentTypeURIEncoded(), problems);
            same("service", service(message), header.getProcessURIEncoded(), problems);
            same("originalSender", property(message, "originalSender"), header.getSenderURIEncoded(), problems);
            same("finalRecipient", property(message, "finalRecipient"), header.getReceiverURIEncoded(), problems);
        } catch (PeppolSBDHDataReadException fault) {
            problems.add("SBDH: " + fault.getMessage());
        } catch (IOException fault) {
            throw new UncheckedIOException(fault);
        } catch (GeneralSecurityException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static void same(String what, String stated, String meant, List<String> problems) {
        if (!meant.equals(stated)) {
            problems.add(what + " is " + stated + ", the SBDH says " + meant);
        }
    }

    private static String service(Ebms3UserMessage message) {
        return message.getCollaborationInfo().getService().getType() + "::" + message.getCollaborationInfo().getServiceValue();
    }

    private static String property(Ebms3UserMessage message, String name) {
        for (Ebms3Property one : message.getMessageProperties().getProperty()) {
            if (name.equals(one.getName())) {
                return one.getType() + "::" + one.getValue();
            }
        }
        return null;
    }

    @Override
    public AS4SignalMessageProcessorResult processAS4SignalMessage(
            IAS4IncomingMessageMetadata metadata,
            HttpHeaderMap headers,
            Ebms3SignalMessage message,
            IPMode mode,
            IAS4IncomingMessageState state,
            AS4ErrorList errors) {
        throw new UnsupportedOperationException("signals come as answers only");
    }

    @Override
    public void processAS4ResponseMessage(
            IAS4IncomingMessageMetadata metadata,
            IAS4IncomingMessageState state,
            String messageId,
            byte[] answer,
            boolean hasPayload,
            AS4ErrorList errors) {
        Line line = Line.of("answered").with("message_id", state.getMessageID() == null ? "" : state.getMessageID());
        List<String> said = new ArrayList<>();
        errors.forEach(error -> said.add(error.getEbmsError().getErrorCode() + ": " + error.getEbmsError().getErrorDetail()));
        line.with("errors", said).print();
    }
}
